import http from "node:http";
import http2 from "node:http2";
import { create, fromBinary, toBinary } from "@bufbuild/protobuf";
import { base64Decode } from "@bufbuild/protobuf/wire";
import {
  type Client,
  Code,
  ConnectError,
  type ConnectRouterOptions,
  createClient,
  type HandlerContext,
  type Interceptor,
  type ServiceImpl,
} from "@connectrpc/connect";
import {
  connectNodeAdapter,
  createConnectTransport,
  createGrpcTransport,
  createGrpcWebTransport,
  Http2SessionManager,
} from "@connectrpc/connect-node";
import * as grpc from "@grpc/grpc-js";
import { describe, expect, onTestFinished, test } from "vitest";
import { EchoRequestSchema, EchoResponseSchema, EchoService } from "../../test/gen/meshless/testing/v1/echo_pb.ts";
import { closeServer, listenOnLoopback } from "../../test/support/listen.ts";
import { OrcaLoadReportSchema } from "../gen/xds/data/orca/v3/orca_load_report_pb.ts";
import type { LoadReport } from "../load-report.ts";
import { fromOrca, loadReportHeader } from "../orca.ts";
import { manualClock } from "../testing/manual-clock.ts";
import { createHealthReporter, type HealthReporter, healthReporting } from "./health-reporting.ts";
import type { LoadSamplerOptions } from "./load-sampler.ts";

type EchoClient = Client<typeof EchoService>;
type EchoImpl = Partial<ServiceImpl<typeof EchoService>>;
type Protocol = keyof typeof transports;
type Install = (health: HealthReporter) => Pick<ConnectRouterOptions, "interceptors" | "requestGate">;

const transports = { connect: createConnectTransport, grpc: createGrpcTransport, "grpc-web": createGrpcWebTransport };
const protocols = Object.keys(transports) as Protocol[];

const installs: Readonly<Record<"interceptor" | "gate" | "both", Install>> = {
  interceptor: (health) => ({ interceptors: [health.interceptor] }),
  gate: (health) => ({ requestGate: health.requestGate }),
  both: (health) => ({ interceptors: [health.interceptor], requestGate: health.requestGate }),
};
const everywhere = protocols.flatMap((protocol) => Object.entries(installs).map(([name, install]) => ({ protocol, name, install })));

/** Virtual time that stands still, and no report shared: what a report says is exact, and calls per second are calls. */
const exact: LoadSamplerOptions = { minIntervalMs: 0, clock: { now: () => 0 }, eventLoop: () => ({ utilization: 0, delayMs: 0 }) };

async function serve(install: Install, impl: EchoImpl, options = exact): Promise<{ health: HealthReporter; baseUrl: string }> {
  const health = createHealthReporter(options);
  const server = http2.createServer(connectNodeAdapter({ routes: (router) => router.service(EchoService, impl), ...install(health) }));
  const port = await listenOnLoopback(server);
  onTestFinished(() => closeServer(server));
  return { health, baseUrl: `http://127.0.0.1:${port}` };
}

/** A stock client, and in which place of the last answer it saw which report. */
function connect(
  baseUrl: string,
  protocol: Protocol,
): { client: EchoClient; seen: Partial<Record<"header" | "trailer" | "error", LoadReport>> } {
  const sessionManager = new Http2SessionManager(baseUrl);
  onTestFinished(() => sessionManager.abort());
  const seen: Partial<Record<"header" | "trailer" | "error", LoadReport>> = {};
  const note = (place: keyof typeof seen, headers: Headers) => {
    const text = headers.get(loadReportHeader);
    if (text !== null) seen[place] = decode(text);
  };
  const interceptor: Interceptor = (next) => async (request) => {
    try {
      const response = await next(request);
      note("header", response.header);
      if (response.stream) return { ...response, message: atEnd(response.message, () => note("trailer", response.trailer)) };
      note("trailer", response.trailer);
      return response;
    } catch (error) {
      note("error", ConnectError.from(error).metadata);
      throw error;
    }
  };
  const transport = transports[protocol]({ httpVersion: "2", baseUrl, sessionManager, interceptors: [interceptor] });
  return { client: createClient(EchoService, transport), seen };
}

/** Throws for two reports joined by a comma: there must be one. */
function decode(text: string): LoadReport {
  return fromOrca(fromBinary(OrcaLoadReportSchema, base64Decode(text)));
}

async function* atEnd<T>(messages: AsyncIterable<T>, act: () => void): AsyncIterable<T> {
  try {
    yield* messages;
  } finally {
    act();
  }
}

async function* only<T>(...messages: T[]): AsyncIterable<T> {
  yield* messages;
}

async function collect<T>(messages: AsyncIterable<T>): Promise<T[]> {
  const collected: T[] = [];
  for await (const message of messages) collected.push(message);
  return collected;
}

async function failure(call: Promise<unknown>): Promise<ConnectError> {
  return call.then(
    () => expect.unreachable("the call succeeded"),
    (error: unknown) => ConnectError.from(error),
  );
}

const notFound = () => new ConnectError("no such thing", Code.NotFound);

describe.each(everywhere)("$protocol, installed as $name", ({ protocol, name, install }) => {
  const covered = name !== "interceptor";

  test("unary: in the trailers for gRPC, otherwise in the headers", async () => {
    const { health, baseUrl } = await serve(install, { update: ({ text }) => ({ text }) });
    const { client, seen } = connect(baseUrl, protocol);
    expect(await client.update({ text: "hello" })).toMatchObject({ text: "hello" });
    expect(Object.keys(seen)).toEqual([protocol === "grpc" ? "trailer" : "header"]);
    expect(health.sampler.report()).toMatchObject({ inFlight: 0, requestsPerSecond: 1, errorsPerSecond: 0 });
  });

  test("a ConnectError carries it, and keeps its code and message", async () => {
    const { health, baseUrl } = await serve(install, {
      update: () => {
        throw notFound();
      },
    });
    const { client, seen } = connect(baseUrl, protocol);
    expect(await failure(client.update({}))).toMatchObject({ code: Code.NotFound, rawMessage: "no such thing" });
    expect(seen.error).toMatchObject({ inFlight: 0, errorsPerSecond: 0 });
    expect(health.sampler.report()).toMatchObject({ inFlight: 0, requestsPerSecond: 1, errorsPerSecond: 0 });
  });

  test("a plain error stays internal and tells nothing; the gate adds the report", async () => {
    const { health, baseUrl } = await serve(install, {
      update: () => {
        throw new Error("a secret");
      },
    });
    const { client, seen } = connect(baseUrl, protocol);
    expect(await failure(client.update({}))).toMatchObject({ code: Code.Internal, rawMessage: "internal error" });
    expect(seen.error !== undefined).toBe(covered);
    expect(health.sampler.report()).toMatchObject({ inFlight: 0, requestsPerSecond: 1, errorsPerSecond: 1 });
  });

  test("an error thrown on from another server keeps that server's report out; the gate adds ours", async () => {
    const theirs = "OQAAAAAAAPA_";
    const upstream = await serve(() => ({}), {
      update: () => {
        throw new ConnectError("gone", Code.Unavailable, { [loadReportHeader]: theirs });
      },
    });
    const { client: upstreamClient } = connect(upstream.baseUrl, protocol);
    const { health, baseUrl } = await serve(install, { update: () => upstreamClient.update({}) });
    const { client, seen } = connect(baseUrl, protocol);
    expect((await failure(client.update({}))).code).toBe(Code.Unavailable);
    expect(seen.error).toEqual(covered ? expect.objectContaining({ inFlight: 0 }) : undefined);
    expect(health.sampler.report()).toMatchObject({ inFlight: 0, requestsPerSecond: 1, errorsPerSecond: 1 });
  });

  test.each([
    { when: "ends well", messages: 2, error: undefined, failed: 0 },
    { when: "fails first", messages: 0, error: notFound, failed: 0 },
    { when: "fails late", messages: 2, error: () => new ConnectError("broken", Code.DataLoss), failed: 1 },
    { when: "fails late with a plain error", messages: 1, error: () => new Error("a secret"), failed: 1 },
  ])("a server stream that $when: in the headers, and for gRPC anew in the trailers", async ({ messages, error, failed }) => {
    const { health, baseUrl } = await serve(install, {
      async *count() {
        for (let number = 1; number <= messages; number++) yield { number };
        if (error !== undefined) throw error();
      },
    });
    const { client, seen } = connect(baseUrl, protocol);
    const received: number[] = [];
    const read = async () => {
      for await (const { number } of client.count({})) received.push(number);
    };
    if (error === undefined) await read();
    else expect(await failure(read())).toBeInstanceOf(ConnectError);
    expect(received).toHaveLength(messages);
    expect(seen.header).toBeDefined();
    expect(seen.trailer).toEqual(protocol === "grpc" ? expect.objectContaining({ inFlight: 0 }) : undefined);
    expect(health.sampler.report()).toMatchObject({ inFlight: 0, requestsPerSecond: 1, errorsPerSecond: failed });
  });

  test("client and two-way streams report as server streams do", async () => {
    const { health, baseUrl } = await serve(install, {
      async collect(requests) {
        for await (const _ of requests);
        return { messages: 1 };
      },
      async *chat(requests) {
        for await (const { text } of requests) yield { text };
      },
    });
    for (const call of [(client: EchoClient) => client.collect(only({})), (client: EchoClient) => collect(client.chat(only({})))]) {
      const { client, seen } = connect(baseUrl, protocol);
      await call(client);
      expect(Object.keys(seen)).toEqual(protocol === "grpc" ? ["header", "trailer"] : ["header"]);
    }
    expect(health.sampler.report()).toMatchObject({ inFlight: 0, requestsPerSecond: 2 });
  });

  test("tells the mean latency of unary calls that went well, and of nothing else", async () => {
    const clock = manualClock();
    const impl: EchoImpl = {
      update: ({ text }) => {
        clock.advance(Number(text));
        if (text === "7") throw notFound();
        return { text };
      },
      async *count() {
        clock.advance(1_000);
        yield { number: 1 };
      },
    };
    const { baseUrl } = await serve(install, impl, { ...exact, clock });
    const { client, seen } = connect(baseUrl, protocol);
    // A stream is told at its start, in all protocols.
    const told = async () => {
      await collect(client.count({}));
      return seen.header?.latencyMs;
    };
    await told();
    await failure(client.update({ text: "7" }));
    expect(await told()).toBeUndefined();
    await client.update({ text: "30" });
    expect(await told()).toBe(30);
    // The stream took a second, so that the call before it counts a little less.
    await client.update({ text: "50" });
    expect(await told()).toBeCloseTo(42.6, 1);
  });

  test.each(["update", "count"] as const)("a cancelled call (%s) is in flight until its caller gives up, and no longer", async (method) => {
    const { promise: started, resolve: start } = Promise.withResolvers<void>();
    const { promise: ended, resolve: end } = Promise.withResolvers<number>();
    const hang = ({ signal }: HandlerContext) => {
      start();
      signal.addEventListener("abort", () => end(health.sampler.inFlight));
      return new Promise<never>(() => {});
    };
    const { health, baseUrl } = await serve(install, {
      update: (_, context) => hang(context),
      async *count(_, context) {
        yield await hang(context);
      },
    });
    const { client } = connect(baseUrl, protocol);
    const controller = new AbortController();
    const options = { signal: controller.signal };
    const call = failure(method === "update" ? client.update({}, options) : collect(client.count({}, options)));
    await started;
    expect(health.sampler.inFlight).toBe(1);
    controller.abort();
    expect(await ended).toBe(0);
    expect((await call).code).toBe(Code.Canceled);
    expect(health.sampler.report()).toMatchObject({ inFlight: 0, requestsPerSecond: 1, errorsPerSecond: 0 });
    expect(health.sampler.report()).not.toHaveProperty("latencyMs");
  });

  test("a call whose deadline passes is an error of the server, and in flight no longer", async () => {
    const { health, baseUrl } = await serve(install, {
      update: (_, { signal }) => new Promise((_, reject) => signal.addEventListener("abort", () => reject(signal.reason))),
    });
    const { client } = connect(baseUrl, protocol);
    const headers = { [protocol === "connect" ? "connect-timeout-ms" : "grpc-timeout"]: protocol === "connect" ? "20" : "20m" };
    expect((await failure(client.update({}, { headers }))).code).toBe(Code.DeadlineExceeded);
    expect(health.sampler.report()).toMatchObject({ inFlight: 0, requestsPerSecond: 1, errorsPerSecond: 1 });
  });

  test("hooks that fail fail no call", async () => {
    let broken = false;
    const now = () => {
      if (broken) throw new Error("no time");
      return 0;
    };
    const { baseUrl } = await serve(
      install,
      { update: ({ text }) => ({ text }), count: () => only({ number: 1 }) },
      { ...exact, clock: { now } },
    );
    broken = true;
    const { client, seen } = connect(baseUrl, protocol);
    expect(await client.update({ text: "hello" })).toMatchObject({ text: "hello" });
    expect(await collect(client.count({}))).toHaveLength(1);
    expect(seen).toEqual({});
  });
});

describe("among other interceptors", () => {
  const own: Install = (health) => ({
    interceptors: [rewriting, health.interceptor, rewriting, health.interceptor],
    requestGate: health.requestGate,
  });
  /** Replaces all that an interceptor may. */
  const rewriting: Interceptor = (next) => async (request) => {
    const signal = AbortSignal.any([request.signal, new AbortController().signal]);
    const response = await next({ ...request, header: new Headers(request.header), signal });
    return { ...response, header: new Headers(response.header), trailer: new Headers(response.trailer) };
  };

  test.each(protocols)("counts a call once, however often it comes by, and reports it once: %s", async (protocol) => {
    const { health, baseUrl } = await serve(own, {
      update: ({ text }) => ({ text }),
      count: () => only({ number: 1 }),
      echo: () => Promise.reject(notFound()),
    });
    const { client, seen } = connect(baseUrl, protocol);
    await client.update({});
    await collect(client.count({}));
    await failure(client.echo({}));
    // Reading a report that is there twice would have failed.
    expect(Object.keys(seen).toSorted()).toEqual(protocol === "grpc" ? ["error", "header", "trailer"] : ["error", "header"]);
    expect(health.sampler.report()).toMatchObject({ inFlight: 0, requestsPerSecond: 3, errorsPerSecond: 0 });
  });

  test.each(protocols)("the gate covers what never reached the interceptor: %s", async (protocol) => {
    const refusing: Interceptor = () => () => Promise.reject(new ConnectError("who are you", Code.Unauthenticated));
    const install: Install = (health) => ({ interceptors: [refusing, health.interceptor], requestGate: health.requestGate });
    const { health, baseUrl } = await serve(install, {});
    const { client, seen } = connect(baseUrl, protocol);
    expect((await failure(client.update({}))).code).toBe(Code.Unauthenticated);
    expect(seen.error).toMatchObject({ inFlight: 0 });
    expect(health.sampler.report()).toMatchObject({ inFlight: 0, requestsPerSecond: 1 });
  });
});

test("a report counts the other calls, and a stream at its start counts itself", async () => {
  const { promise: release, resolve } = Promise.withResolvers<void>();
  const { baseUrl } = await serve(installs.both, {
    update: ({ text }) => ({ text }),
    async *count() {
      yield { number: 1 };
      await release;
    },
  });
  const stream = connect(baseUrl, "grpc");
  const messages = stream.client.count({})[Symbol.asyncIterator]();
  await messages.next();
  expect(stream.seen.header).toMatchObject({ inFlight: 1 });
  const unary = connect(baseUrl, "connect");
  await unary.client.update({});
  expect(unary.seen.header).toMatchObject({ inFlight: 1 });
  resolve();
  expect(await messages.next()).toMatchObject({ done: true });
  expect(stream.seen.trailer).toMatchObject({ inFlight: 0 });
});

test("grpc-js reads the report in the trailers, of answers and of errors", async () => {
  const { baseUrl } = await serve(installs.interceptor, {
    echo: ({ text }) => {
      if (text === "") throw notFound();
      return { text };
    },
  });
  const client = new grpc.Client(new URL(baseUrl).host, grpc.credentials.createInsecure());
  onTestFinished(() => client.close());
  const serialize = (text: string) => Buffer.from(toBinary(EchoRequestSchema, create(EchoRequestSchema, { text })));
  const deserialize = (bytes: Buffer) => fromBinary(EchoResponseSchema, bytes).text;
  for (const [text, code] of [
    ["hello", grpc.status.OK],
    ["", grpc.status.NOT_FOUND],
  ] as const) {
    const { promise: status, resolve } = Promise.withResolvers<grpc.StatusObject>();
    const path = `/${EchoService.typeName}/${EchoService.method.echo.name}`;
    client.makeUnaryRequest(path, serialize, deserialize, text, () => {}).on("status", resolve);
    const { code: received, metadata } = await status;
    expect(received).toBe(code);
    const [report, ...others] = metadata.get(loadReportHeader);
    expect(others).toEqual([]);
    expect(fromOrca(fromBinary(OrcaLoadReportSchema, report as Buffer))).toMatchObject({ inFlight: 0 });
  }
});

test("one line is enough, over HTTP/1.1 and for a GET as well", async () => {
  const methods: (string | undefined)[] = [];
  const handler = connectNodeAdapter({
    routes: (router) => router.service(EchoService, { echo: ({ text }) => ({ text }) }),
    interceptors: [healthReporting()],
  });
  const server = http.createServer((request, response) => {
    methods.push(request.method);
    handler(request, response);
  });
  const baseUrl = `http://127.0.0.1:${await listenOnLoopback(server)}`;
  onTestFinished(() => closeServer(server));
  for (const transport of [
    createConnectTransport({ httpVersion: "1.1", baseUrl }),
    createConnectTransport({ httpVersion: "1.1", baseUrl, useHttpGet: true }),
    createGrpcWebTransport({ httpVersion: "1.1", baseUrl }),
  ]) {
    let report: string | null = null;
    await createClient(EchoService, transport).echo({}, { onHeader: (headers) => (report = headers.get(loadReportHeader)) });
    expect(decode(report ?? "")).toMatchObject({ inFlight: 0 });
  }
  expect(methods).toEqual(["POST", "GET", "POST"]);
});

test("readiness answers probes over plain HTTP, where the routes fall back on it", async () => {
  const health = createHealthReporter();
  const server = http.createServer(health.handler({ routes: (router) => router.service(EchoService, {}), fallback: health.readiness }));
  onTestFinished(() => closeServer(server));
  const url = `http://127.0.0.1:${await listenOnLoopback(server)}/ready`;
  expect((await fetch(url)).status).toBe(200);
  health.service.set("", false);
  expect((await fetch(url)).status).toBe(503);
});

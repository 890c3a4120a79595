import { constants } from "node:http2";
import { Code, type ConnectError, createContextKey } from "@connectrpc/connect";
import { describe, expect, it } from "vitest";
import {
  type BalancedTransportOptions,
  type CallObserver,
  ConfigurationError,
  createBalancedTransport,
  createClient,
  type Logger,
} from "../../src/index.ts";
import { scriptedSource } from "../../src/testing/index.ts";
import { EchoService } from "../gen/meshless/testing/v1/echo_pb.ts";
import { balancedClient, readyClient } from "../support/balanced-client.ts";
import { collect } from "../support/collect.ts";
import { staticTarget } from "../support/echo-fleet.ts";
import { startEchoServer } from "../support/echo-server.ts";
import { failureOf } from "../support/failure-of.ts";
import { preferring } from "../support/preferring.ts";
import { eventually } from "../support/until.ts";
import { use } from "../support/use.ts";

/** Writes down what it hears, a line each. Durations are only looked at. */
function noting() {
  const lines: string[] = [];
  const errors: (ConnectError | undefined)[] = [];
  const note = (line: string, durationMs: number, error: ConnectError | undefined) => {
    expect(durationMs).toBeGreaterThan(0);
    errors.push(error);
    lines.push(line);
  };
  const observer: CallObserver = {
    onCall({ method }) {
      lines.push(`call ${method.split("/")[1]}`);
      return {
        onAttempt({ endpoint, number, repeatReason }) {
          lines.push(`attempt ${number} on ${endpoint.port}${repeatReason === undefined ? "" : `, ${repeatReason.kind} before`}`);
          return {
            onEnd: ({ outcome: { kind, code }, durationMs, error }) => note(`attempt ${number}: ${kind}, ${code}`, durationMs, error),
          };
        },
        onEnd: ({ code, attempts, durationMs, error }) => note(`call after ${attempts}: ${code}`, durationMs, error),
      };
    },
  };
  return { lines, errors, observer };
}

async function setUp(options: BalancedTransportOptions = {}) {
  const server = use(await startEchoServer());
  const { lines, errors, observer } = noting();
  const { transport } = await readyClient(staticTarget(server), { observer, ...options });
  const isOver = () => lines.at(-1)?.startsWith("call after") === true;
  return { server, lines, errors, isOver, transport, client: createClient(EchoService, transport), first: `attempt 1 on ${server.port}` };
}

describe.each(["connect", "grpc", "grpc-web"] as const)("with %s, an observer hears", (protocol) => {
  it("a call's start, its attempt and both ends", async () => {
    const { lines, errors, client, first } = await setUp({ protocol });
    await client.update({});
    expect(lines).toEqual(["call Update", first, "attempt 1: success, 0", "call after 1: 0"]);
    expect(errors).toEqual([undefined, undefined]);
  });

  it("the error that a server answers with, as the caller does", async () => {
    const { lines, errors, client, first } = await setUp({ protocol });
    const error = await failureOf(client.update({ behavior: { failCode: Code.NotFound } }));
    expect(lines).toEqual(["call Update", first, "attempt 1: clientError, 5", "call after 1: 5"]);
    expect(errors).toEqual([error, error]);
  });

  it("that a stream ends when it was read, not when it began", async () => {
    const { lines, client, first } = await setUp({ protocol });
    for await (const { number } of client.count({ count: 3 })) if (number === 2) expect(lines).toEqual(["call Count", first]);
    expect(lines).toEqual(["call Count", first, "attempt 1: success, 0", "call after 1: 0"]);
  });

  it("the error in the midst of a stream", async () => {
    const { lines, errors, client, first } = await setUp({ protocol });
    const error = await failureOf(collect(client.count({ count: 3, behavior: { failCode: Code.DataLoss, failAfter: 2 } })));
    expect(lines).toEqual(["call Count", first, "attempt 1: failure, 15", "call after 1: 15"]);
    expect(errors).toEqual([error, error]);
  });

  it.each(["update", "count"] as const)("each attempt of a call that is made again, for %s", async (method) => {
    const refusing = use(await startEchoServer({ onCall: (call) => call.reset(constants.NGHTTP2_REFUSED_STREAM) }));
    const good = use(await startEchoServer());
    const { lines, errors, observer } = noting();
    const policy = preferring(refusing, good);
    const { client } = await readyClient(staticTarget(refusing, good), { protocol, policy, observer });
    await (method === "update" ? client.update({}) : collect(client.count({ count: 1 })));
    expect(lines.slice(1)).toEqual([
      `attempt 1 on ${refusing.port}`,
      "attempt 1: refused, 14",
      `attempt 2 on ${good.port}, refused before`,
      "attempt 2: success, 0",
      "call after 2: 0",
    ]);
    expect(errors).toMatchObject([{ code: Code.Unavailable }, undefined, undefined] as const);
  });
});

describe("an observer hears", () => {
  it("a deadline that passes, and a caller that cancels", async () => {
    const { lines, client, first } = await setUp();
    await failureOf(client.update({ behavior: { delayMs: 60_000 } }, { timeoutMs: 20 }));
    expect(lines.splice(0)).toEqual(["call Update", first, "attempt 1: timeout, 4", "call after 1: 4"]);
    const caller = new AbortController();
    const call = failureOf(client.update({ behavior: { delayMs: 60_000 } }, { signal: caller.signal }));
    await eventually(() => lines.includes(first));
    caller.abort();
    await call;
    expect(lines).toEqual(["call Update", first, "attempt 1: abandoned, 1", "call after 1: 1"]);
  });

  it("a reader that leaves a stream", async () => {
    const { lines, client, first, isOver } = await setUp();
    for await (const { number } of client.count({ count: 1_000_000, behavior: { size: 1000 } })) if (number === 2) break;
    await eventually(isOver);
    expect(lines).toEqual(["call Count", first, "attempt 1: abandoned, 1", "call after 1: 1"]);
  });

  it("a stream that breaks while it is read, with the code that its reader sees", async () => {
    const { server, lines, errors, client, first, isOver } = await setUp();
    const error = await failureOf(
      (async () => {
        for await (const { number } of client.count({ count: 1_000_000, behavior: { size: 1000 } })) {
          if (number === 2) server.calls[0]?.reset(constants.NGHTTP2_INTERNAL_ERROR);
        }
      })(),
    );
    await eventually(isOver);
    expect(lines).toEqual(["call Count", first, `attempt 1: failure, ${error.code}`, `call after 1: ${error.code}`]);
    expect(errors[1]?.message).toBe(error.message);
  });

  it("a call for which there is nobody", async () => {
    const { lines, observer } = noting();
    const { client } = balancedClient(scriptedSource([]), { observer });
    await failureOf(client.update({}));
    expect(lines).toEqual(["call Update", "call after 0: 14"]);
  });

  it("nothing more of calls that it does not want", async () => {
    const methods: string[] = [];
    const observer: CallObserver = {
      onCall({ method, target }) {
        methods.push(`${method} of ${target}`);
      },
    };
    const { client, server } = await setUp({ observer });
    await client.update({});
    await collect(client.count({ count: 2 }));
    const service = "meshless.testing.v1.EchoService";
    const target = staticTarget(server);
    expect(methods).toEqual([`${service}/Update of ${target}`, `${service}/Count of ${target}`]);
  });
});

it("what an observer leaves in the context values, attempt interceptors find", async () => {
  const span = createContextKey("none");
  const found: string[] = [];
  const { client } = await setUp({
    observer: {
      onCall({ contextValues }) {
        contextValues.set(span, "of the call");
      },
    },
    attemptInterceptors: [
      (next) => (request) => {
        found.push(request.contextValues.get(span));
        return next(request);
      },
    ],
  });
  await client.update({});
  expect(found).toEqual(["of the call"]);
});

describe("an observer that is added", () => {
  it("hears of each call beside that of the options, until it is disposed of", async () => {
    const { lines, client, transport, first } = await setUp();
    const [one, other] = [noting(), noting()];
    const added = [transport.observe(one.observer), transport.observe(other.observer)];
    await client.update({});
    const ofOneCall = ["call Update", first, "attempt 1: success, 0", "call after 1: 0"];
    expect([lines, one.lines, other.lines]).toEqual([ofOneCall, ofOneCall, ofOneCall]);
    for (const observed of added) observed[Symbol.dispose]();
    await client.update({});
    expect([lines.length, one.lines.length, other.lines.length]).toEqual([8, 4, 4]);
  });

  it("does not keep the others from hearing, whatever it throws", async () => {
    const { lines, client, transport } = await setUp();
    transport.observe({ onCall: fails });
    transport.observe({ onCall: () => ({ onAttempt: fails, onEnd: fails }) });
    await client.update({});
    expect(lines).toHaveLength(4);
  });

  it("is refused if it is none", async () => {
    const { transport } = await setUp();
    expect(() => transport.observe({} as CallObserver)).toThrow(new ConfigurationError("observer.onCall: expected a method, got nothing"));
  });
});

const fails = (): never => {
  throw new Error("boom");
};
const rejects = (async () => fails()) as never;

describe("calls succeed, and it is logged once, when an observer", () => {
  it.each<[string, string, CallObserver]>([
    ["throws in onCall", "onCall", { onCall: fails }],
    ["throws in onAttempt", "onAttempt", { onCall: () => ({ onAttempt: fails }) }],
    ["throws at the end of an attempt", "onEnd of an attempt", { onCall: () => ({ onAttempt: () => ({ onEnd: fails }) }) }],
    ["throws at the end of a call", "onEnd of a call", { onCall: () => ({ onEnd: fails }) }],
    ["rejects in onCall", "onCall", { onCall: rejects }],
    ["rejects at the end of a call", "onEnd of a call", { onCall: () => ({ onEnd: rejects }) }],
    ["returns a listener that is none", "onEnd of a call", { onCall: () => ({ onEnd: 7 }) as never }],
  ])("%s", async (_, method, observer) => {
    const lines: string[] = [];
    const logger: Logger = { debug() {}, info() {}, warn() {}, error: (_, line) => void lines.push(line) };
    const { client, transport } = await setUp({ observer, logger });
    for (let call = 0; call < 3; call++) {
      await client.update({});
      expect(await collect(client.count({ count: 3 }))).toHaveLength(3);
    }
    await transport.close();
    await eventually(() => lines.length > 0);
    expect(lines).toEqual([expect.stringMatching(`^the observer failed in ${method}, which is told once: `)]);
  });
});

it.each([
  [null, "observer: expected an observer, with an onCall method, got null"],
  [{}, "observer.onCall: expected a method, got nothing"],
  [{ onCall: 7 }, "observer.onCall: expected a method, got 7"],
  [() => {}, "observer: expected an observer, with an onCall method, got a function"],
])("%o is refused as an observer", (observer, message) => {
  const create = () => createBalancedTransport("static:///127.0.0.1:1", { observer } as unknown as BalancedTransportOptions);
  expect(create).toThrow(new ConfigurationError(message));
});

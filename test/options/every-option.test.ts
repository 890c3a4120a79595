import http2 from "node:http2";
import { createConnectRouter } from "@connectrpc/connect";
import { createConnectTransport } from "@connectrpc/connect-node";
import { describe, expect, test } from "vitest";
import * as balancer from "../../src/balancer/index.ts";
import * as debug from "../../src/debug/index.ts";
import * as discovery from "../../src/discovery/index.ts";
import { Health } from "../../src/gen/grpc/health/v1/health_pb.ts";
import { balanced, ConfigurationError, createBalancedTransport } from "../../src/index.ts";
import * as observability from "../../src/observability/index.ts";
import * as serverHooks from "../../src/server-hooks/index.ts";
import { show } from "../../src/show.ts";
import { declaredOptions } from "./declared-options.ts";
import { type WrongOptions, wrongOptions } from "./wrong-values.ts";

const target = "static:///127.0.0.1:1";
const baseUrl = "http://127.0.0.1:1";

/** Those with options in another place than the first, or of which an error does not tell the name. */
const calls: Readonly<Record<string, { readonly path: string; readonly call: (options: never) => unknown }>> = {
  createBalancedTransport: { path: "", call: (options) => createBalancedTransport(target, options) },
  createBalancer: { path: "", call: balancer.createBalancer },
  "balanced, options": { path: "", call: (options) => balanced(createConnectTransport, { baseUrl, httpVersion: "2" }, options) },
  "balanced, theirs": { path: "", call: (options) => balanced(createConnectTransport, options) },
  "BalancedTransport.close": { path: "close.", call: (options) => opened().close(options) },
  "BalancedTransport.ready": { path: "ready.", call: (options) => opened().ready(options) },
  subset: { path: "subset.", call: (options) => balancer.subset([], options) },
  createPageHandler: { path: "createPageHandler.", call: debug.createPageHandler },
  serveDebugPage: { path: "serveDebugPage.", call: debug.serveDebugPage },
  sourceFor: { path: "sourceFor.", call: (options) => discovery.sourceFor(target, options) },
  "HealthReporter.drainOnSignal": {
    path: "drainOnSignal.",
    call: (options) => serverHooks.createHealthReporter().drainOnSignal(http2.createServer(), options),
  },
  orcaService: {
    path: "orcaService.",
    call: (options) => serverHooks.orcaService(createConnectRouter(), serverHooks.createHealthReporter().sampler, options),
  },
  watchFiles: { path: "watchFiles.", call: (options) => discovery.watchFiles({}, { onRead() {}, onError() {} }, options) },
  protect: { path: "protect.", call: (options) => serverHooks.protect(http2.createServer(), options) },
};

const opened = () => createBalancedTransport(discovery.staticSource([]));
const plain: Readonly<Record<string, unknown>> = { ...balancer, ...discovery, ...serverHooks, ...observability };
const callOf = (name: string) => calls[name] ?? { path: `${name}.`, call: plain[name] as (options: never) => unknown };

/** What it says of the options, in lines. */
async function problemsOf(name: string, options: object): Promise<readonly string[]> {
  try {
    await callOf(name).call(options as never);
  } catch (error) {
    expect(error).toBeInstanceOf(ConfigurationError);
    return (error as Error).message.split("\n");
  }
  return [];
}

/** `ejection.jitter` and 7 as `{ ejection: { jitter: 7 } }`. */
function nested(path: string, value: unknown): object {
  return path.split(".").reduceRight<unknown>((inside, name) => ({ [name]: inside }), value) as object;
}

function flat(options: WrongOptions, above = ""): readonly (readonly [path: string, wrong: WrongOptions[string]])[] {
  return Object.entries(options).flatMap(([name, wrong]) => [[`${above}${name}`, wrong], ...flat(wrong.inside, `${above}${name}.`)]);
}

/** What is no option: a report, an outcome, a certificate, and the fields of what a test makes, which may be wrong on purpose. */
const noOptions = [
  "boundReport report",
  "groundForRetry __0",
  "isBounce __0",
  "readCertificateNames __0",
  "testEndpoint fields",
  "testOutcome fields",
];

test("every option of every public function is listed here, and nothing else is", () => {
  const declared = declaredOptions().filter((options) => !noOptions.includes(`${options.function} ${options.parameter}`));
  const nameOf = ({ function: name, parameter }: (typeof declared)[number]) => (name === "balanced" ? `${name}, ${parameter}` : name);
  const listed = Object.entries(wrongOptions).map(([name, options]) => [name, flat(options).map(([path]) => path)] as const);
  const sorted = (entries: readonly (readonly [string, readonly string[]])[]) =>
    Object.fromEntries(entries.map(([name, paths]) => [name, [...new Set(paths)].sort()]));
  expect(sorted(listed)).toEqual(sorted(declared.map((options) => [nameOf(options), options.paths])));
});

describe.each(Object.entries(wrongOptions))("%s", (name, options) => {
  test.each(flat(options))("refuses a wrong %s, and says what it may be", async (path, { what, values }) => {
    expect(values.length).toBeGreaterThanOrEqual(3);
    for (const value of values) {
      const sentence = `${callOf(name).path}${path}: expected ${what}, got ${show(value)}`;
      expect(await problemsOf(name, nested(path, value))).toContainEqual(expect.stringContaining(sentence));
    }
  });

  const places: readonly (readonly [place: string, inside: WrongOptions])[] = [
    ...(name === "balanced, theirs" ? [] : [["", options] as const]),
    ...flat(options).flatMap(([path, { inside, isOpen }]) => (isOpen ? [] : [[`${path}.`, inside] as const])),
  ];
  const closed = places.filter(([, inside]) => Object.keys(inside).length > 0);
  test.each(closed)("refuses an unknown option in %j, and says which is meant", async (place, inside) => {
    for (const known of Object.keys(inside)) {
      const sentence = `${callOf(name).path}${place}${known}x: unknown; did you mean ${known}?`;
      expect(await problemsOf(name, nested(`${place}${known}x`, 7))).toContain(sentence);
    }
  });
});

test("options of connect-node, Node.js and Protobuf that are not read here pass", async () => {
  expect(await problemsOf("balanced, theirs", { baseUrl, httpVersion: "2", fetch: 7, nodeOptions: { maxSessionMemory: 10 } })).toEqual([]);
  expect(await problemsOf("createBalancedTransport", { jsonOptions: { anything: 1 }, tls: { minVersion: "TLSv1.3" } })).toEqual([]);
});

test("what other systems write, or was meant otherwise, has its advice", async () => {
  const adviceFor = async (options: object) => (await problemsOf("createBalancedTransport", options)).join("\n");
  expect(await adviceFor({ ejection: { maxEjectedShare: 7 } })).toBe(
    "ejection.maxEjectedShare: expected a number from 0 to 1, got 7; 7 % is 0.07",
  );
  expect(await adviceFor({ overprovisioningFactor: 140 })).toMatch(/got 140; 140 percent, as Envoy writes it, is 1\.4$/);
  expect(await adviceFor({ slowStart: { windowMs: 0 } })).toMatch(/got 0; slowStart: false turns it off$/);
  expect(await adviceFor({ ejection: balancer.outlierDetection })).toMatch(
    /, got outlierDetection itself: call it, as in outlierDetection\(\)$/,
  );
  expect(await adviceFor({ policy: balancer.peakEwma })).toMatch(/, got peakEwma itself: call it, as in peakEwma\(\)$/);
  expect(await adviceFor({ polcy: balancer.adaptive() })).toBe("polcy: unknown; did you mean policy?");
  expect(await adviceFor({ subset: { size: 20 }, policy: balancer.maglev() })).toMatch(/^subset: /);
});

test("what is inside of lists, and methods that are missing, are named by their place", async () => {
  const problems = await problemsOf("createBalancedTransport", {
    interceptors: [() => {}, 7],
    acceptCompression: [{ compress() {} }],
    ejection: { detectors: ["x"] },
    clock: { now: () => 0 },
  });
  expect(problems).toEqual([
    'ejection.detectors[0]: expected a detector, such as consecutiveFailures(), got "x"',
    "clock.after: expected a method, got nothing",
    "interceptors[1]: expected an interceptor, got 7",
    "acceptCompression[0].decompress: expected a method, got nothing",
  ]);
});

test("a signal that there is none of is named by its place", async () => {
  expect(await problemsOf("HealthReporter.drainOnSignal", { signals: ["SIGTERM", "TERM"] })).toEqual([
    'drainOnSignal.signals[1]: expected a signal, such as SIGTERM, got "TERM"',
  ]);
});

test("options that contradict each other are refused", async () => {
  expect(await problemsOf("ringHash", { minRingSize: 20, maxRingSize: 10 })).toEqual([
    "ringHash.maxRingSize: expected a whole number from 20 to 8388608, got 10",
  ]);
  expect(await problemsOf("createHealthReporter", { pushback: true })).toEqual([
    "createHealthReporter.pushback.limit: expected a number above 0, or a function, got nothing; maxInFlight is its default",
  ]);
  expect(await problemsOf("createHealthReporter", { limit: { minLimit: 20, maxLimit: 10 } })).toEqual([
    "createHealthReporter.limit.maxLimit: expected a whole number, 20 or more, got 10",
  ]);
  expect(await problemsOf("healthReporting", { pushback: true })).toEqual([
    "healthReporting.pushback: unknown; known are maxInFlight, minIntervalMs, clock, eventLoop",
  ]);
});

test("options of methods are named by their place, and by their method where it is listed twice", async () => {
  const { method } = Health;
  const problemsIn = (...methods: unknown[]) => problemsOf("createBalancedTransport", { methods });
  expect(await problemsIn([method.check, { idempotent: 1, retry: { codes: ["UNAVAILABLE"] }, timeout: 5 }])).toEqual([
    "methods[0][1].timeout: unknown; did you mean timeoutMs?",
    "methods[0][1].idempotent: expected true or false, got 1",
    expect.stringMatching(/^methods\[0\]\[1\]\.retry\.codes\[0\]: expected "canceled" or .*, got "UNAVAILABLE"/),
  ]);
  const aMethod = "a method of a generated service, such as CheckoutService.method.pay";
  expect(await problemsIn(["Check", {}], method.check, [method.check])).toEqual([
    `methods[0][0]: expected ${aMethod}, got "Check"`,
    expect.stringMatching(/^methods\[1\]: expected a method and its options, \[CheckoutService\.method\.pay, \{ \.\.\. \}\], got /),
    expect.stringMatching(/^methods\[2\]: expected a method and its options/),
  ]);
  expect(await problemsIn([method.check, {}], [method.check, {}])).toEqual([
    "methods[1][0]: grpc.health.v1.Health/Check is in the list already; put its options together",
  ]);
});

import { EventEmitter } from "node:events";
import { expect, test } from "vitest";
import { type ManualClock, manualClock } from "../testing/index.ts";
import { createDrain, type DrainOptions } from "./drain.ts";

/** What was done to the server, and when, and a process that signals are sent to. */
function setUp(options: DrainOptions = {}) {
  const clock = manualClock();
  const log: string[] = [];
  const note = (what: string) => () => void log.push(`${what} at ${clock.now()}`);
  const { promise: closed, resolve: close } = Promise.withResolvers<void>();
  const process = Object.assign(new EventEmitter(), { exit: (code: number) => note(`exit ${code}`)() });
  const drainable = { drain: note("drain"), leave: note("leave"), cut: note("cut"), closed };
  const drain = createDrain(drainable, { clock, process, ...options });
  drain.done.then(note("done"));
  return { clock, log, process, drain, close, signal: (name: NodeJS.Signals) => process.emit(name, name) };
}

/** Lets what was promised come true. */
const settled = () => new Promise((resolve) => setImmediate(resolve));

async function closedAfter(clock: ManualClock, close: () => void, atMs: number) {
  clock.advance(atMs - clock.now());
  close();
  await settled();
}

test("at the signal it says that it drains, leaves 5 s later, and is done when the last connection is gone", async () => {
  const { clock, log, signal, close } = setUp();
  clock.advance(100);
  expect(log).toEqual([]);
  signal("SIGTERM");
  expect(log).toEqual(["drain at 100"]);
  await closedAfter(clock, close, 9_000);
  expect(log).toEqual(["drain at 100", "leave at 5100", "done at 9000"]);
  expect(clock.pending).toBe(0);
});

test("what is open 25 s after the signal is cut off", async () => {
  const { clock, log, signal } = setUp();
  signal("SIGTERM");
  clock.advance(24_999);
  expect(log).toEqual(["drain at 0", "leave at 5000"]);
  clock.advance(1);
  expect(log.at(-1)).toBe("cut at 25000");
});

test("who waits for ever cuts nothing off", () => {
  const { clock, log, signal } = setUp({ gracePeriodMs: Number.POSITIVE_INFINITY });
  signal("SIGTERM");
  clock.advance(1e9);
  expect(log).toEqual(["drain at 0", "leave at 5000"]);
});

test("the grace period bounds the delay too: it leaves, and is cut off at once", () => {
  const { clock, log, signal } = setUp({ drainDelayMs: 9_000, gracePeriodMs: 3_000 });
  signal("SIGTERM");
  clock.advance(3_000);
  expect(log).toEqual(["drain at 0", "leave at 3000", "cut at 3000"]);
});

test("a server that closes before the delay is over is done, and not left once more", async () => {
  const { clock, log, signal, close } = setUp();
  signal("SIGTERM");
  await closedAfter(clock, close, 1_000);
  clock.advance(60_000);
  expect(log).toEqual(["drain at 0", "done at 1000"]);
});

test("at the second signal the process ends with the code of that signal", () => {
  const { clock, log, signal } = setUp({ signals: ["SIGTERM", "SIGINT"] });
  signal("SIGTERM");
  clock.advance(10);
  signal("SIGINT");
  expect(log).toEqual(["drain at 0", "exit 130 at 10"]);
});

test("without signals it drains when it is started, once; a first signal afterwards ends nothing", async () => {
  const silent = setUp({ signals: [] });
  expect(silent.process.eventNames()).toEqual([]);
  const { clock, log, drain, signal, close } = setUp();
  const done = drain.start();
  expect(drain.start()).toBe(done);
  signal("SIGTERM");
  await closedAfter(clock, close, 6_000);
  expect(log).toEqual(["drain at 0", "leave at 5000", "done at 6000"]);
});

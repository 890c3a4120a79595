import { seededRandom } from "meshless/testing";
import { expect, test } from "vitest";
import { VirtualTime } from "../engine/virtual-time.ts";
import type { Job } from "./executor.ts";
import { ProcessorSharing } from "./processor-sharing.ts";

interface NamedJob extends Job {
  readonly name: string;
}

function sharing(cores: number) {
  const time = new VirtualTime();
  const done: Record<string, number> = {};
  const executor = new ProcessorSharing<NamedJob>(time, cores, ({ name }) => {
    done[name] = Math.round(time.nowMs * 1e6) / 1e6;
  });
  const start = (name: string, workMs: number): NamedJob => {
    const job = { name, workMs, place: -1 };
    executor.start(job);
    return job;
  };
  return { time, done, executor, start, run: () => time.run(() => false) };
}

test("as many jobs as cores run at full speed", () => {
  const { start, done, run } = sharing(2);
  start("a", 10);
  start("b", 30);
  run();
  expect(done).toEqual({ a: 10, b: 30 });
});

test("more jobs share the cores evenly, and speed up as others end", () => {
  const { start, done, run } = sharing(1);
  start("a", 10);
  start("b", 20);
  run();
  expect(done).toEqual({ a: 20, b: 30 });
});

test("cores may be fractional: three jobs on 1.5 cores run at half speed", () => {
  const { start, done, run } = sharing(1.5);
  for (const name of ["a", "b", "c"]) start(name, 10);
  run();
  expect(done).toEqual({ a: 20, b: 20, c: 20 });
});

test("a newcomer slows down the others from then on", () => {
  const { time, start, done, run } = sharing(1);
  start("a", 10);
  time.at(5, () => start("b", 10));
  run();
  expect(done).toEqual({ a: 15, b: 20 });
});

test("a job that is taken back leaves its share to the others, and is never done", () => {
  const { time, start, done, run, executor } = sharing(1);
  start("a", 10);
  const b = start("b", 10);
  time.at(10, () => executor.cancel(b));
  run();
  expect(done).toEqual({ a: 15 });
  expect(executor.size).toBe(0);
});

test("a change of pace counts from its moment on; at rate 0 nothing moves", () => {
  const { time, start, done, run, executor } = sharing(1);
  start("a", 10);
  time.at(4, () => executor.setPace(1, 0));
  time.at(104, () => executor.setPace(1, 0.5));
  time.at(108, () => executor.setPace(0.5, 1));
  run();
  expect(done).toEqual({ a: 116 });
});

test("all jobs can be taken back at once", () => {
  const { start, done, run, executor } = sharing(1);
  start("a", 10);
  start("b", 20);
  expect(executor.clear().map(({ name }) => name)).toEqual(["a", "b"]);
  run();
  expect(done).toEqual({});
});

test("no work is lost or made: one core is done when one that never rests would be, whatever the order", () => {
  const random = seededRandom(3);
  const { time, start, done, run } = sharing(1);
  const arrivals = Array.from({ length: 2_000 }, () => ({ atMs: random() * 20_000, workMs: random() * 15 }));
  let busyUntilMs = 0;
  for (const { atMs, workMs } of arrivals.sort((a, b) => a.atMs - b.atMs)) {
    time.at(atMs, () => start(`at ${atMs}`, workMs));
    busyUntilMs = Math.max(busyUntilMs, atMs) + workMs;
  }
  run();
  expect(Object.keys(done)).toHaveLength(arrivals.length);
  expect(time.nowMs).toBeCloseTo(busyUntilMs, 6);
});

import { expect, test } from "vitest";
import { VirtualTime } from "../engine/virtual-time.ts";
import type { Job } from "./executor.ts";
import { Fifo } from "./fifo.ts";

interface NamedJob extends Job {
  readonly name: string;
}

function line(places: number) {
  const time = new VirtualTime();
  const done: Record<string, number> = {};
  const executor = new Fifo<NamedJob>(time, places, ({ name }) => {
    done[name] = time.nowMs;
  });
  const start = (name: string, workMs: number): NamedJob => {
    const job = { name, workMs, place: -1 };
    executor.start(job);
    return job;
  };
  return { time, done, executor, start, run: () => time.run(() => false) };
}

test("one place: one after the other, in order of arrival", () => {
  const { start, done, run, executor } = line(1);
  start("a", 30);
  start("b", 10);
  start("c", 10);
  expect(executor.size).toBe(3);
  run();
  expect(done).toEqual({ a: 30, b: 40, c: 50 });
});

test("the first place to be free goes to the first in line", () => {
  const { start, done, run } = line(2);
  start("a", 30);
  start("b", 10);
  start("c", 10);
  start("d", 10);
  run();
  expect(done).toEqual({ a: 30, b: 10, c: 20, d: 30 });
});

test("one who gives up leaves the line, or its place to the next", () => {
  const { time, start, done, run, executor } = line(1);
  const a = start("a", 30);
  const b = start("b", 10);
  start("c", 10);
  time.at(5, () => executor.cancel(b));
  time.at(10, () => executor.cancel(a));
  run();
  expect(done).toEqual({ c: 20 });
});

test("those that run share what is left of the cores", () => {
  const { start, done, run, executor } = line(2);
  executor.setPace(1, 1);
  start("a", 10);
  start("b", 10);
  start("c", 10);
  run();
  expect(done).toEqual({ a: 20, b: 20, c: 30 });
});

test("all can be taken back, those in line included", () => {
  const { start, executor } = line(1);
  start("a", 10);
  start("b", 10);
  expect(executor.clear().map(({ name }) => name)).toEqual(["a", "b"]);
  expect(executor.size).toBe(0);
});

import { expect, test } from "vitest";
import { seededRandom } from "../../testing/seeded-random.ts";
import { SpillGate } from "./spill-gate.ts";

function reporting(gate: SpillGate, utilization: number, times: number, nowMs = 0): void {
  for (let time = 0; time < times; time += 1) gate.onReport({ requestsPerSecond: 1, errorsPerSecond: 0, utilization }, nowMs);
}

function answering(gate: SpillGate, latencyMs: number, times: number, nowMs = 0): void {
  for (let time = 0; time < times; time += 1) gate.onSuccess(latencyMs, nowMs);
}

test("is closed while nothing is known", () => {
  expect(new SpillGate(0.75).isOpen(0)).toBe(false);
});

test("is open while the mean of reported utilization is above the threshold, and only then: it keeps no state besides", () => {
  const gate = new SpillGate(0.75);
  reporting(gate, 0.75, 200);
  expect(gate.isOpen(0)).toBe(false);
  for (let round = 0; round < 5; round += 1) {
    reporting(gate, 0.8, 1);
    expect(gate.isOpen(0)).toBe(true);
    reporting(gate, 0.69, 1);
    expect(gate.isOpen(0)).toBe(false);
    reporting(gate, 0.75, 200);
  }
});

test("one busy server among thirty does not open it; a busy zone does within some thirty reports", () => {
  const gate = new SpillGate(0.75);
  for (let round = 0; round < 20; round += 1) {
    reporting(gate, 0.6, 29);
    reporting(gate, 2, 1);
    expect(gate.isOpen(0)).toBe(false);
  }
  reporting(gate, 1, 33);
  expect(gate.isOpen(0)).toBe(true);
});

test("a utilization of 0 is no report", () => {
  const gate = new SpillGate(0.75);
  reporting(gate, 0.9, 1);
  reporting(gate, 0, 1_000);
  expect(gate.isOpen(0)).toBe(true);
  expect(gate.isOpen(10_000)).toBe(false);
});

test("what servers report outranks latency, until they have reported nothing for 10 s", () => {
  const gate = new SpillGate(0.75);
  answering(gate, 10, 200);
  answering(gate, 100, 200);
  expect(gate.isOpen(0)).toBe(true);
  reporting(gate, 0.3, 1, 5_000);
  expect([gate.isOpen(14_999), gate.isOpen(15_000)]).toEqual([false, true]);
});

test("where servers report nothing, it is open while latency is above one and a half times its own lowest", () => {
  const gate = new SpillGate(0.75);
  answering(gate, 10, 1_000);
  answering(gate, 14.9, 1_000);
  expect(gate.isOpen(0)).toBe(false);
  answering(gate, 15.5, 1_000);
  expect(gate.isOpen(0)).toBe(true);
  answering(gate, 14.9, 1_000);
  expect(gate.isOpen(0)).toBe(false);
});

test("a first call that was quick by luck sets no standard", () => {
  const gate = new SpillGate(0.75);
  answering(gate, 0.1, 1);
  answering(gate, 10, 2_000);
  expect(gate.isOpen(0)).toBe(false);
});

test.each([0.5, 1, 1.5])("calls whose latency varies, as an exponential to the power of %f, hardly ever open it", (power) => {
  const random = seededRandom(7);
  const gate = new SpillGate(0.75);
  let open = 0;
  for (let call = 0; call < 60_000; call += 1) {
    gate.onSuccess(10 * (-Math.log(1 - random())) ** power, call);
    if (gate.isOpen(call)) open += 1;
  }
  expect(open / 60_000).toBeLessThan(power > 1 ? 0.25 : 0.01);
});

test("one in twenty that takes twenty times as long does not open it; all that take twice as long do", () => {
  const gate = new SpillGate(0.75);
  let open = 0;
  for (let call = 0; call < 10_000; call += 1) {
    gate.onSuccess(call % 20 === 0 ? 200 : 10, call);
    if (gate.isOpen(call)) open += 1;
  }
  expect(open).toBe(0);
  for (let call = 0; call < 200; call += 1) gate.onSuccess(call % 20 === 0 ? 400 : 20, 10_000);
  expect(gate.isOpen(10_000)).toBe(true);
});

test("the lowest latency is forgotten after a minute or two: what stays slow is usual", () => {
  const gate = new SpillGate(0.75);
  answering(gate, 10, 200, 0);
  for (let nowMs = 1_000; nowMs <= 125_000; nowMs += 100) {
    gate.onSuccess(20, nowMs);
    if (nowMs > 15_000 && nowMs < 60_000) expect(gate.isOpen(nowMs)).toBe(true);
  }
  expect(gate.isOpen(125_000)).toBe(false);
});

import { expect, test } from "vitest";
import { manualClock } from "../../testing/manual-clock.ts";
import { Keepalive } from "./keepalive.ts";

function setUp({ intervalMs = 1_000, wanted = true }: { intervalMs?: number; wanted?: boolean } = {}) {
  const clock = manualClock();
  const pings: (() => void)[] = [];
  const state = { wanted, intervalMs, dead: 0 };
  const keepalive = new Keepalive({
    clock,
    intervalMs: () => state.intervalMs,
    timeoutMs: 200,
    wanted: () => state.wanted,
    ping: (onAck) => pings.push(onAck) > 0,
    onDead: () => state.dead++,
  });
  keepalive.start();
  return { clock, pings, state, keepalive };
}

test("a peer that answers is pinged on and on, and never declared dead", () => {
  const { clock, pings, state } = setUp();
  for (let second = 1; second <= 5; second++) {
    clock.advance(1_000);
    expect(pings).toHaveLength(second);
    pings[second - 1]?.();
  }
  expect(state.dead).toBe(0);
});

test("a silent peer is declared dead within interval and time-out, once", () => {
  const { clock, state } = setUp();
  clock.advance(1_000 + 200);
  expect(state.dead).toBe(0);
  clock.advance(1);
  expect(state.dead).toBe(1);
});

test("an answer that was read late, after a pause of our own, still counts", () => {
  const { clock, pings, state } = setUp();
  clock.advance(1_200);
  pings[0]?.();
  clock.advance(1);
  expect(state.dead).toBe(0);
});

test("an unused session is not pinged, until it is used", () => {
  const { clock, pings, state } = setUp({ wanted: false });
  clock.advance(10_000);
  expect(pings).toHaveLength(0);
  state.wanted = true;
  clock.advance(1_000);
  expect(pings).toHaveLength(1);
});

test("an interval of 0 turns pings off, probes included", () => {
  const { clock, pings, keepalive } = setUp({ intervalMs: 0 });
  keepalive.probe();
  clock.advance(1e9);
  expect(pings).toHaveLength(0);
});

test("a longer interval takes effect from the next round on", () => {
  const { clock, pings, state } = setUp();
  state.intervalMs = 5_000;
  clock.advance(1_000);
  pings[0]?.();
  clock.advance(4_999);
  expect(pings).toHaveLength(1);
  clock.advance(1);
  expect(pings).toHaveLength(2);
});

test("stopped, it leaves no timer behind", () => {
  const { clock, keepalive } = setUp();
  clock.advance(1_000);
  keepalive.stop();
  expect(clock.pending).toBe(0);
});

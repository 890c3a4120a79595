import { seededRandom } from "meshless/testing";
import { describe, expect, it } from "vitest";
import { Pace } from "../../control-plane/src/xds/pace.ts";
import { StreamLife } from "../../src/discovery/xds/stream-life.ts";

interface Storm {
  readonly clients: number;
  /** How long after it went the control plane is back. */
  readonly downMs: number;
  readonly perSecond?: number;
}

const stepMs = 20;

/** What clients do whose streams all end at once, in virtual time: when they try, and when each is let in. */
function storm({ clients: count, downMs, perSecond = 1_000 }: Storm) {
  const random = seededRandom(1);
  const pace = new Pace(perSecond, perSecond);
  const triesMs: number[] = [];
  const insideMs: number[] = [];
  let clients = Array.from({ length: count }, () => workingStream(random));
  for (let nowMs = 0; clients.length > 0 && nowMs < 600_000; nowMs += stepMs) {
    clients = clients.filter((life) => {
      if (life.wakeAtMs > nowMs) return true;
      life.opening(1);
      triesMs.push(nowMs);
      const waitMs = nowMs < downMs ? undefined : pace.next(nowMs, 10_000);
      if (waitMs !== undefined) insideMs.push(nowMs + waitMs);
      else life.closed(nowMs, false);
      return waitMs === undefined;
    });
  }
  return { triesMs, insideMs };
}

/** The control plane goes at 0. */
function workingStream(random: () => number): StreamLife {
  const life = new StreamLife("delta", random);
  life.opening(1);
  life.opened(1);
  life.answered(1);
  life.closed(0, false);
  return life;
}

function peakShare(timesMs: readonly number[]): number {
  const buckets = Map.groupBy(timesMs, (ms) => Math.floor(ms / 100));
  return Math.max(...buckets.values().map(({ length }) => length)) / timesMs.length;
}

describe("clients whose control plane restarts", () => {
  it.each([0, 500, 3_000, 60_000])(
    "spread their attempts: of 500, at most a tenth come within 100 ms, where it was gone for %i ms",
    (downMs) => {
      const { triesMs, insideMs } = storm({ clients: 500, downMs });
      expect(peakShare(triesMs)).toBeLessThan(0.1);
      expect(insideMs).toHaveLength(500);
    },
  );

  it.each([
    [500, 5_000],
    [60_000, 35_000],
  ])("are all let in soon, 2,000 of them: gone for %i ms, within %i ms of its return", (downMs, withinMs) => {
    expect(Math.max(...storm({ clients: 2_000, downMs }).insideMs)).toBeLessThan(downMs + withinMs);
  });

  it("are all let in though they are far more than may come at once: none is turned away for ever", () => {
    const { insideMs } = storm({ clients: 5_000, downMs: 0, perSecond: 50 });
    expect(insideMs).toHaveLength(5_000);
    expect(Math.max(...insideMs)).toBeLessThan(1.5 * (5_000 / 50) * 1_000);
  });
});

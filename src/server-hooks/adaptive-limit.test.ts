import type { HandlerContext } from "@connectrpc/connect";
import { describe, expect, test } from "vitest";
import type { RandomSource } from "../random-source.ts";
import { manualClock, seededRandom } from "../testing/index.ts";
import { AdaptiveLimiter, type AdaptiveLimitOptions, type CallPriority } from "./adaptive-limit.ts";

const deadlineMs = 1_000;

interface Load {
  /** Calls that the server works on at once, first come, first served. */
  readonly slots: number;
  readonly meanWorkMs: number;
  /** Of its capacity. */
  readonly offered: number;
  readonly limit: AdaptiveLimitOptions | "none";
  /** Chance that a call is critical. */
  readonly critical?: number;
  readonly seconds?: number;
}

interface Result {
  /** Calls answered before their deadline, of the capacity. */
  readonly goodput: number;
  readonly p99Ms: number;
  /** Share of critical calls that were not answered in time. */
  readonly criticalFailed: number;
  readonly limiter: AdaptiveLimiter | undefined;
}

const contextOf = (priority: CallPriority) =>
  ({ method: { methodKind: "unary" }, requestHeader: new Headers({ "x-priority": priority }) }) as HandlerContext;
const contexts = { critical: contextOf("critical"), normal: contextOf("normal"), sheddable: contextOf("sheddable") };
const byHeader = ({ requestHeader }: HandlerContext) => requestHeader.get("x-priority") as CallPriority;

const exponential = (random: RandomSource, mean: number) => -Math.log(1 - random()) * mean;

/** A server that does all the work it took on, though the caller is gone, in virtual time. The first half of the time warms up and does not count. */
function run({ slots, meanWorkMs, offered, limit, critical = 0, seconds = 40 }: Load): Result {
  const clock = manualClock();
  const random = seededRandom(7);
  const limiter = limit === "none" ? undefined : new AdaptiveLimiter({ random, priority: byHeader, ...limit }, clock);
  const perMs = (slots / meanWorkMs) * offered;
  const fromMs = (seconds * 1_000) / 2;
  const latencies: number[] = [];
  const ofCritical = { calls: 0, failed: 0 };
  const queue: (() => void)[] = [];
  let busy = 0;

  function work(onEnd: () => void): void {
    busy++;
    clock.after(exponential(random, meanWorkMs), () => {
      busy--;
      onEnd();
      queue.shift()?.();
    });
  }

  function arrive(): void {
    clock.after(exponential(random, 1 / perMs), arrive);
    const atMs = clock.now();
    const priority = random() < critical ? "critical" : "normal";
    const counts = atMs >= fromMs;
    if (counts && priority === "critical") ofCritical.calls++;
    const end = limiter?.admit(contexts[priority]);
    const fail = () => {
      if (counts && priority === "critical") ofCritical.failed++;
    };
    if (end === "shed") return fail();
    const begin = () =>
      work(() => {
        const latencyMs = clock.now() - atMs;
        end?.("success");
        if (latencyMs > deadlineMs) fail();
        else if (counts) latencies.push(latencyMs);
      });
    if (busy < slots) begin();
    else queue.push(begin);
  }

  arrive();
  clock.advance(seconds * 1_000);
  const answeredPerMs = latencies.length / (seconds * 1_000 - fromMs);
  return {
    goodput: answeredPerMs / (slots / meanWorkMs),
    p99Ms: latencies.sort((a, b) => a - b)[Math.floor(latencies.length * 0.99)] ?? Number.POSITIVE_INFINITY,
    criticalFailed: ofCritical.failed / ofCritical.calls,
    limiter,
  };
}

/** From one core that is computing, to a pool of many connections. */
const servers = [
  { slots: 1, meanWorkMs: 5 },
  { slots: 4, meanWorkMs: 40 },
  { slots: 16, meanWorkMs: 20 },
  { slots: 64, meanWorkMs: 50 },
] as const;

describe.each(servers)("a server of $slots slots and $meanWorkMs ms of work", (server) => {
  test("at one and a half times its capacity answers as much as it can, nearly as quickly as at 70 % load", () => {
    const calm = run({ ...server, offered: 0.7, limit: {} });
    const overloaded = run({ ...server, offered: 1.5, limit: {} });
    expect(overloaded.goodput).toBeGreaterThan(0.9);
    expect(overloaded.p99Ms).toBeLessThan(3 * calm.p99Ms);
  });

  test("collapses under that load without the limit", () => {
    expect(run({ ...server, offered: 1.5, limit: "none" }).goodput).toBeLessThan(0.1);
  });

  test("turns hardly any call away at 70 % load", () => {
    expect(run({ ...server, offered: 0.7, limit: {} }).goodput).toBeGreaterThan(0.69);
  });

  test("turns critical calls away last", () => {
    expect(run({ ...server, offered: 1.5, critical: 0.3, limit: {} }).criticalFailed).toBeLessThan(0.01);
  });
});

import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { systemClock } from "./clock.ts";

describe("the system clock", () => {
  beforeEach(() => {
    vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout"] });
  });
  afterEach(() => {
    vi.useRealTimers();
  });

  it.each([1, 1_000, 2 ** 31 - 1, 2 ** 31, 3e9, 5 * 2 ** 31])("calls after %d ms, and not a moment before", (delayMs) => {
    const fn = vi.fn();
    systemClock.after(delayMs, fn);
    vi.advanceTimersByTime(delayMs - 1);
    expect(fn).not.toHaveBeenCalled();
    vi.advanceTimersByTime(1);
    expect(fn).toHaveBeenCalledOnce();
  });

  it("never calls after an infinite time", () => {
    const fn = vi.fn();
    systemClock.after(Number.POSITIVE_INFINITY, fn);
    vi.advanceTimersByTime(1e12);
    expect(fn).not.toHaveBeenCalled();
  });

  it.each([1_000, 3e9, Number.POSITIVE_INFINITY])("forgets a timer of %d ms that is cancelled, at first or late", (delayMs) => {
    const fn = vi.fn();
    systemClock.after(delayMs, fn).cancel();
    const late = systemClock.after(delayMs, fn);
    vi.advanceTimersByTime(Math.min(delayMs - 1, 2.9e9));
    late.cancel();
    expect(vi.getTimerCount()).toBe(0);
    vi.advanceTimersByTime(1e12);
    expect(fn).not.toHaveBeenCalled();
  });
});

import fc from "fast-check";
import { describe, expect, it, test } from "vitest";
import { testEndpoint } from "../testing/test-endpoint.ts";
import type { Liveness } from "./members/liveness.ts";
import { ShrinkGuard, type ShrinkGuardEvent, type ShrinkGuardOptions } from "./shrink-guard.ts";

/** A guard whose source lists names such as `a b c`, all of which serve unless it is said otherwise. */
class World {
  readonly told: ShrinkGuardEvent[] = [];
  readonly liveness = new Map<string, Liveness>();
  readonly guard: ShrinkGuard;
  nowMs = 1_000;

  constructor(options: ShrinkGuardOptions | false = {}) {
    this.guard = new ShrinkGuard(options, (event) => this.told.push(event));
  }

  lists(names: string): this {
    const endpoints = ids(names).map((id) => testEndpoint({ id, port: portOf(id) }));
    this.guard.update(endpoints, this.#livenessOf, this.nowMs);
    return this;
  }

  are(names: string, liveness: Liveness): this {
    for (const id of ids(names)) this.liveness.set(id, liveness);
    return this;
  }

  /** Lists them before they have a session, as newcomers are. */
  listsNew(names: string): this {
    return this.are(names, "unsure").lists(names);
  }

  review(): boolean {
    return this.guard.review(this.#livenessOf, this.nowMs);
  }

  get retained(): string {
    return this.guard.retained.map(({ id }) => id).join(" ");
  }

  get reasons(): readonly string[] {
    return this.told.map((event) => (event.type === "endpointsReleased" ? event.reason : `${event.retained} retained`));
  }

  readonly #livenessOf = (id: string): Liveness => this.liveness.get(id) ?? "serving";
}

/** A name with a dash is another id at the address of what stands before it. */
const places: string[] = [];
function portOf(id: string): number {
  const [place = ""] = id.split("-");
  if (!places.includes(place)) places.push(place);
  return places.indexOf(place) + 1;
}

const ids = (names: string) => names.split(" ").filter((name) => name !== "");
const numbered = (count: number) => Array.from({ length: count }, (_, index) => `e${index}`).join(" ");

describe("endpoints that serve and are left out", () => {
  it.each([
    ["all of them", "a b c d", "", "a b c d"],
    ["all but one of four", "a b c d", "d", "a b c"],
    ["the only one, for another that is not reached yet", "a", "new", "a"],
    ["all, for as many that are not reached yet", "a b", "new1 new2", "a b"],
  ])("are retained: %s", (_, before, after, retained) => {
    const world = new World().are("new new1 new2", "unsure").lists(before).lists(after);
    expect(world.retained).toBe(retained);
  });

  it.each([
    ["one of two", "a b", "b"],
    ["two of four", "a b c d", "c d"],
    ["one of three, with another in its place that is not reached yet", "a b c", "b c new"],
    ["nobody", "a b", "a b"],
    ["all, whose addresses others have now", "a b", "a-2 b-2"],
  ])("go at once where half of them stay: %s", (_, before, after) => {
    const world = new World().are("new a-2 b-2", "unsure").lists(before).lists(after);
    expect([world.retained, world.told]).toEqual(["", []]);
  });

  it("go at once where the service is known for the first time, or nobody served", () => {
    expect(new World().lists("").retained).toBe("");
    expect(new World().are("a b", "unsure").lists("a b").lists("").retained).toBe("");
  });

  it.each<Liveness>(["gone", "unsure"])("are not retained while they are %s", (liveness) => {
    expect(new World().lists("a b c d").are("a b", liveness).lists("").retained).toBe("c d");
  });

  it("are not missed if they drained before they left", () => {
    const world = new World().lists("a b c d").are("a b c", "gone").lists("d");
    expect([world.retained, world.told]).toEqual(["", []]);
  });
});

describe("a retained endpoint goes", () => {
  it("when it no longer serves, and stays while its session is only being replaced", () => {
    const world = new World().lists("a b c").lists("");
    world.are("a", "gone").are("b", "unsure");
    expect([world.review(), world.review()]).toEqual([true, false]);
    expect(world.retained).toBe("b c");
    world.are("b c", "gone").review();
    expect(world.reasons).toEqual(["3 retained", "they no longer serve"]);
  });

  it("when half as many of those that are listed serve as did before", () => {
    const world = new World().lists("a b c d").listsNew("e f g h");
    expect(world.are("e", "serving").review()).toBe(false);
    expect(world.retained).toBe("a b c d");
    expect(world.are("f", "serving").review()).toBe(true);
    expect([world.retained, world.reasons]).toEqual(["", ["4 retained", "enough of those that are listed serve"]]);
  });

  it("when it is listed again", () => {
    const world = new World().lists("a b c d").lists("").lists("a");
    expect(world.retained).toBe("b c d");
    world.lists("a b c d");
    expect([world.retained, world.reasons.at(-1)]).toEqual(["", "the source lists them again"]);
  });

  it("when its time is over, each by its own", () => {
    const world = new World({ maxMs: 60_000 }).lists("a b c d").lists("a");
    world.nowMs += 30_000;
    world.lists("");
    expect(world.guard.inspect(world.nowMs)).toEqual({ endpointIds: ["b", "c", "d", "a"], served: 4, forMs: 60_000 });
    world.nowMs += 30_000;
    world.review();
    expect(world.retained).toBe("a");
    world.nowMs += 30_000;
    world.review();
    expect([world.retained, world.reasons.at(-1)]).toEqual(["", "the source has left them out for 60 s"]);
    expect(world.guard.inspect(world.nowMs)).toBeUndefined();
  });
});

test("a source that says the same again is told of once, and extends no time", () => {
  const world = new World({ maxMs: 60_000 }).lists("a b").lists("");
  world.nowMs += 59_999;
  world.lists("");
  expect(world.reasons).toEqual(["2 retained"]);
  world.nowMs += 1;
  world.lists("");
  expect(world.retained).toBe("");
});

test("what counts as before is what served before the first was left out, however often the source changes its mind", () => {
  const world = new World().lists(numbered(20)).lists("e0 e1").lists("e2 e3 e4").lists("e0 e1 e2 e3");
  expect(world.retained.split(" ")).toHaveLength(16);
  expect(world.told.at(-1)).toEqual({ type: "endpointsRetained", retained: 16, listed: 4, served: 20, forMs: 600_000 });
  world.lists(numbered(10));
  expect(world.retained).toBe("");
});

test("no more are retained than the bound", () => {
  expect(new World({ maxEndpoints: 2 }).lists("a b c d").lists("").retained).toBe("a b");
  expect(new World({ maxEndpoints: 2 }).lists("a b c d e").lists("e").lists("").retained).toBe("a b");
});

test("a share of 0 asks for one that serves, a share of 1 for all, and the guard can be turned off", () => {
  const one = new World({ minShare: 0 });
  expect(one.lists("a b c d").lists("d").retained).toBe("");
  expect(one.lists("").retained).toBe("d");
  expect(new World({ minShare: 1 }).lists("a b c d").lists("b c d").retained).toBe("a");
  const off = new World(false).lists("a b").lists("");
  expect([off.retained, off.told]).toEqual(["", []]);
});

test("whatever is listed, and whatever serves, those that are retained serve, are not listed, are few, and go in time", () => {
  const names = fc.subarray([..."abcdefgh"]);
  const step = fc.record({ listed: fc.option(names), serving: names, passMs: fc.nat(400) });
  fc.assert(
    fc.property(fc.array(step, { maxLength: 30 }), (steps) => {
      const world = new World({ maxMs: 1_000, maxEndpoints: 5 });
      const leftAtMs = new Map<string, number>();
      let before: readonly string[] = [];
      for (const { listed, serving, passMs } of steps) {
        world.nowMs += passMs;
        world.are("a b c d e f g h", "gone").are(serving.join(" "), "serving");
        if (listed === null) world.review();
        else {
          for (const id of before) if (!listed.includes(id)) leftAtMs.set(id, world.nowMs);
          before = listed;
          world.lists(listed.join(" "));
        }
        const retained = ids(world.retained);
        expect(retained.length).toBeLessThanOrEqual(5);
        for (const id of retained) {
          expect(serving).toContain(id);
          expect(before).not.toContain(id);
          expect(world.nowMs - (leftAtMs.get(id) as number)).toBeLessThan(1_000);
        }
        expect(world.guard.isRetaining).toBe(retained.length > 0);
      }
    }),
  );
});

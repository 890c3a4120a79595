import { describe, expect, it } from "vitest";
import { StreamDriver } from "../../../test/control-plane/stream-driver.ts";
import { type Resource, type ResourceType, typeUrls } from "../resource.ts";
import type { AdsVariant } from "./ads-message.ts";
import type { Access } from "./type-state.ts";

const fourVariants = (["delta", "sotw"] as const).flatMap((variant) => [
  { variant, isAggregated: true },
  { variant, isAggregated: false },
]);

describe.each(fourVariants)("a stream, $variant, aggregated: $isAggregated", ({ variant, isAggregated }) => {
  const isDelta = variant === "delta";
  const driverOf = (type: ResourceType, ...texts: readonly string[]) => {
    const driver = new StreamDriver({ variant, only: isAggregated ? undefined : type });
    driver.set(type, ...texts);
    return driver;
  };

  it("says nothing before it is asked", () => {
    const driver = driverOf("endpoints", "a=1");
    expect(driver.texts()).toEqual([]);
  });

  it.each(["cluster", "endpoints", "listener", "routes"] as const)("is sent the %s that it asks for, and nothing else", (type) => {
    const driver = driverOf(type, "a=1", "b=1", "c=1");
    expect(driver.subscribe(type, "a", "c")).toEqual([`${type}: a=1 c=1`]);
    expect(driver.answer(type)).toEqual([]);
  });

  it("is sent what changes, and only that of endpoints and routes", () => {
    for (const type of ["endpoints", "routes"] as const) {
      const driver = driverOf(type, "a=1", "b=1", "c=1");
      driver.subscribe(type, "a", "b");
      driver.answer(type);
      driver.set(type, "b=2", "c=2");
      expect(driver.texts()).toEqual([`${type}: b=2`]);
    }
  });

  it("is sent clusters and listeners that change: all of them, in the state of the world", () => {
    for (const type of ["cluster", "listener"] as const) {
      const driver = driverOf(type, "a=1", "b=1", "c=1");
      driver.subscribe(type, "a", "b");
      driver.answer(type);
      driver.set(type, "b=2", "c=2");
      expect(driver.texts()).toEqual([isDelta ? `${type}: b=2` : `${type}: a=1 b=2`]);
    }
  });

  it("is sent nothing when something is set to what it was", () => {
    const driver = driverOf("endpoints", "a=1");
    driver.subscribe("endpoints", "a");
    driver.answer("endpoints");
    driver.set("endpoints", "a=1");
    expect(driver.texts()).toEqual([]);
  });

  it("has one response of a type under way, and is sent the last state after it, whatever happened meanwhile", () => {
    const driver = driverOf("endpoints", "a=1", "b=1");
    driver.subscribe("endpoints", "a", "b");
    driver.set("endpoints", "a=2", "b=2");
    driver.set("endpoints", "a=3", "b=1");
    expect(driver.texts()).toEqual([]);
    expect(driver.answer("endpoints")).toEqual(["endpoints: a=3"]);
  });

  it("is not sent again what it refuses, but what comes after that", () => {
    const driver = driverOf("endpoints", "a=1", "b=1");
    driver.subscribe("endpoints", "a", "b");
    expect(driver.answer("endpoints", "a is bad")).toEqual([]);
    expect(driver.stream.types.get("endpoints")?.refusal).toBe("a is bad");
    driver.set("endpoints", "a=2");
    expect(driver.texts()).toEqual(["endpoints: a=2"]);
    driver.answer("endpoints");
    expect(driver.stream.types.get("endpoints")?.refusal).toBeUndefined();
  });

  it("may ask for more at any time, and is sent that, had it been sent before or not", () => {
    const driver = driverOf("endpoints", "a=1", "b=1");
    driver.subscribe("endpoints", "a");
    driver.answer("endpoints");
    expect(driver.subscribe("endpoints", "b")).toEqual(["endpoints: b=1"]);
    driver.answer("endpoints");
    expect(driver.unsubscribe("endpoints", "b")).toEqual([]);
    driver.set("endpoints", "b=2");
    expect(driver.texts()).toEqual([]);
    expect(driver.subscribe("endpoints", "b")).toEqual(["endpoints: b=2"]);
    driver.answer("endpoints");
    driver.unsubscribe("endpoints", "b");
    expect(driver.subscribe("endpoints", "b")).toEqual(["endpoints: b=2"]);
  });

  it("is sent what it asked for before it was there, when it comes", () => {
    const driver = driverOf("cluster");
    expect(driver.subscribe("cluster", "a")).toEqual([isDelta ? "cluster: -a" : "cluster:"]);
    driver.answer("cluster");
    driver.set("cluster", "a=1", "b=1");
    expect(driver.texts()).toEqual(["cluster: a=1"]);
  });

  it("is told that a name is not there: in the state of the world, that it has no endpoints", () => {
    const driver = driverOf("endpoints", "b=1");
    expect(driver.subscribe("endpoints", "a", "b")).toEqual([isDelta ? "endpoints: b=1 -a" : "endpoints: a= b=1"]);
    driver.answer("endpoints");
    driver.set("endpoints", "b");
    expect(driver.texts()).toEqual([isDelta ? "endpoints: -b" : "endpoints: b="]);
  });

  it("is told that clusters and listeners are gone", () => {
    const driver = driverOf("listener", "a=1", "b=1");
    driver.subscribe("listener", "a", "b");
    driver.answer("listener");
    driver.set("listener", "a");
    expect(driver.texts()).toEqual([isDelta ? "listener: -a" : "listener: b=1"]);
    driver.answer("listener");
    driver.set("listener", "b");
    expect(driver.texts()).toEqual([isDelta ? "listener: -b" : "listener:"]);
    driver.answer("listener");
    driver.set("listener", "a=1");
    expect(driver.texts()).toEqual(["listener: a=1"]);
  });

  it("is told nothing of what came and went while it read", () => {
    const driver = driverOf("cluster", "a=1");
    driver.subscribe("cluster", "a", "b");
    driver.set("cluster", "b=1");
    driver.set("cluster", "b");
    expect(driver.answer("cluster")).toEqual([]);
  });

  it("is sent nothing before all is known, and then all at once", () => {
    const driver = driverOf("endpoints", "a=1");
    driver.view.isComplete = false;
    expect(driver.subscribe("endpoints", "a", "b")).toEqual([]);
    driver.set("endpoints", "b=1");
    driver.view.isComplete = true;
    expect(driver.accepted()).toEqual(["endpoints: a=1 b=1"]);
  });

  it("is sent all clusters and listeners if it names none at first, and all that come", () => {
    for (const type of ["cluster", "listener"] as const) {
      const driver = driverOf(type, "a=1");
      expect(driver.subscribe(type)).toEqual([`${type}: a=1`]);
      driver.answer(type);
      driver.set(type, "b=1");
      expect(driver.texts()).toEqual([isDelta ? `${type}: b=1` : `${type}: a=1 b=1`]);
      driver.answer(type);
      driver.set(type, "a");
      expect(driver.texts()).toEqual([isDelta ? `${type}: -a` : `${type}: b=1`]);
    }
  });

  it("is told that there is nothing, if it wants all of that", () => {
    expect(driverOf("cluster").subscribe("cluster")).toEqual(["cluster:"]);
  });

  it("never gets endpoints or routes that it does not name", () => {
    for (const type of ["endpoints", "routes"] as const) {
      const driver = driverOf(type, "a=1");
      expect(driver.subscribe(type).join()).not.toContain("a=1");
      driver.answer(type);
      driver.subscribe(type, "*");
      expect(driver.accepted().join()).not.toContain("a=1");
    }
  });

  it("wants nothing any more when it takes its last name back, and not all", () => {
    const driver = driverOf("cluster", "a=1", "b=1");
    driver.subscribe("cluster", "a");
    driver.answer("cluster");
    expect(driver.unsubscribe("cluster", "a")).toEqual([]);
    driver.set("cluster", "a=2", "b=2");
    expect(driver.texts()).toEqual([]);
    expect(driver.subscribe("cluster", "*").join()).toMatch(/a=2 b=2/);
    driver.answer("cluster");
    driver.unsubscribe("cluster", "*");
    driver.set("cluster", "a=3");
    expect(driver.texts()).toEqual([]);
  });

  it("may want all and some by name, and keeps the others when it takes the name back", () => {
    const driver = driverOf("cluster", "a=1", "b=1");
    driver.subscribe("cluster", "*", "a", "z");
    driver.answer("cluster");
    driver.unsubscribe("cluster", "a", "z");
    driver.accepted();
    driver.set("cluster", "a=2", "b=2");
    expect(driver.accepted().join()).toMatch(/a=2 b=2/);
    driver.unsubscribe("cluster", "*");
    driver.accepted();
    driver.set("cluster", "a=3");
    expect(driver.texts()).toEqual([]);
  });

  it("asks again in vain for what it already asked for, in the state of the world; incrementally it is answered", () => {
    const driver = driverOf("endpoints", "a=1");
    driver.subscribe("endpoints", "a");
    driver.answer("endpoints");
    expect(driver.subscribe("endpoints", "a")).toEqual(isDelta ? ["endpoints: a=1"] : []);
  });

  it("is told of what it may not have that it is not there, and hears of it once it may", () => {
    for (const type of ["cluster", "endpoints", "listener", "routes"] as const) {
      const { driver, allowed, denied } = restrictedDriver(variant, isAggregated ? undefined : type, "a");
      driver.set(type, "a=1", "b=1");
      const nothing = { cluster: "", endpoints: " b=", listener: "", routes: "" }[type];
      expect(driver.subscribe(type, "a", "b", "z").join()).toMatch(isDelta ? `${type}: a=1 -b -z` : `${type}: a=1${nothing}`);
      driver.accepted();
      driver.set(type, "b=2");
      expect(driver.accepted().join()).not.toContain("b=2");
      expect(denied).toEqual([`${type} b`]);
      allowed.add("b");
      expect(driver.reconsidered().join()).toMatch(/b=2/);
      allowed.clear();
      const gone = driver.reconsidered().join();
      if (isDelta) expect(gone).toBe(`${type}: -a -b`);
      else if (type === "endpoints") expect(gone).toBe("endpoints: a= b=");
      else if (type !== "routes") expect(gone).toBe(`${type}:`);
      expect(denied).toEqual([`${type} b`, `${type} a`, `${type} b`]);
    }
  });

  it("gets, of all clusters and listeners, those that it may have and that are listed; the others by their names", () => {
    for (const type of ["cluster", "listener"] as const) {
      const { driver, allowed, denied } = restrictedDriver(variant, isAggregated ? undefined : type, "a", ".own");
      driver.set(type, "a=1", "b=1", ".own=1");
      expect(driver.subscribe(type)).toEqual([`${type}: a=1`]);
      driver.answer(type);
      driver.set(type, "b=2", ".own=2");
      expect(driver.accepted()).toEqual([]);
      allowed.add("b");
      expect(driver.reconsidered().join()).toMatch(/b=2/);
      allowed.delete("a");
      expect(driver.reconsidered()).toEqual([isDelta ? `${type}: -a` : `${type}: b=2`]);
      expect(driver.subscribe(type, "*", ".own").join()).toContain(".own=2");
      expect(denied).toEqual([]);
    }
  });

  it("may not ask for more names than it is allowed, nor for endless ones", () => {
    const driver = new StreamDriver({ variant, only: isAggregated ? undefined : "endpoints", maxNames: 3 });
    driver.subscribe("endpoints", "a", "b", "c");
    expect(() => driver.subscribe("endpoints", "d")).toThrow(/resource_exhausted.*3 names, not 4/);
    expect(() => driver.raw({ typeUrl: typeUrls.endpoints, names: ["a", "b", "c", "d"] })).toThrow(/3 names, not 4/);
    expect(() => driver.raw({ typeUrl: typeUrls.endpoints, names: ["x".repeat(1_025)] })).toThrow(/invalid_argument/);
  });

  it("leaves nothing behind when it closes", () => {
    const driver = driverOf("cluster", "a=1");
    driver.subscribe("cluster", "*", "a", "b");
    expect(driver.index.size).toBe(3);
    driver.stream.close();
    expect(driver.index.size).toBe(0);
    driver.set("cluster", "a=2");
    driver.answer("cluster");
  });

  it("is sent large states in several responses, each below what clients accept", () => {
    const driver = driverOf("endpoints", ...Array.from({ length: 30 }, (_, index) => `s${index}=${"x".repeat(200_000)}`));
    driver.subscribe("endpoints", ...Array.from({ length: 30 }, (_, index) => `s${index}`));
    const sizes = ["", ...driver.accepted()].map((text) => text.length);
    expect(sizes.length).toBeLessThan(6);
    expect(Math.max(...sizes)).toBeLessThan(2.1 * 1024 * 1024);
  });
});

/** May have what is allowed, and nothing else. */
function restrictedDriver(variant: AdsVariant, only: ResourceType | undefined, ...names: readonly string[]) {
  const allowed = new Set(names);
  const denied: string[] = [];
  const access: Access = {
    mayHave: ({ services }) => services.some((service) => allowed.has(service)),
    denied: (type, name) => denied.push(`${type} ${name}`),
  };
  return { driver: new StreamDriver({ variant, only, access }), allowed, denied };
}

/** Has asked for a cluster and its endpoints, and has both. */
function warmDriver(variant: AdsVariant): StreamDriver {
  const driver = new StreamDriver({ variant });
  driver.set("cluster", "a=1", "b=1");
  driver.set("endpoints", "a=1", "b=1");
  driver.subscribe("cluster", "a", "b");
  driver.subscribe("endpoints", "a", "b");
  driver.answer("cluster");
  driver.accepted();
  return driver;
}

describe.each(["delta", "sotw"] as const)("an aggregated stream, %s", (variant) => {
  it("is sent clusters before their endpoints, and those before listeners and routes", () => {
    const driver = new StreamDriver({ variant });
    driver.view.isComplete = false;
    for (const type of ["routes", "listener", "endpoints", "cluster"] as const) {
      driver.set(type, "a=1");
      driver.subscribe(type, "a");
    }
    driver.view.isComplete = true;
    expect(driver.accepted().map((text) => text.split(":")[0])).toEqual(["cluster", "endpoints", "listener", "routes"]);
  });

  it("is sent the endpoints of a cluster that changes after it, though they are the same, and those of no other", () => {
    const driver = warmDriver(variant);
    driver.set("cluster", "a=2");
    expect(driver.accepted()).toEqual([variant === "delta" ? "cluster: a=2" : "cluster: a=2 b=1", "endpoints: a=1"]);
  });

  it("keeps apart what is under way of each type", () => {
    const driver = new StreamDriver({ variant });
    driver.set("cluster", "a=1");
    driver.set("routes", "a=1");
    expect([driver.subscribe("cluster", "a"), driver.subscribe("routes", "a")]).toEqual([["cluster: a=1"], ["routes: a=1"]]);
    driver.set("cluster", "a=2");
    driver.set("routes", "a=2");
    expect(driver.answer("routes")).toEqual(["routes: a=2"]);
    expect(driver.answer("cluster")).toEqual(["cluster: a=2"]);
  });

  it("has to say which type it means, and may mean one of which there is nothing", () => {
    const driver = new StreamDriver({ variant });
    expect(() => driver.raw({ names: ["a"] })).toThrow(/invalid_argument.*type_url/);
    expect(driver.raw({ typeUrl: "type.googleapis.com/envoy.service.runtime.v3.Runtime", names: ["a"] })).toBeUndefined();
    expect(driver.texts()).toEqual([]);
  });
});

describe.each(["delta", "sotw"] as const)("a stream of endpoints alone, %s", (variant) => {
  it("need not say its type, and may say no other", () => {
    const driver = new StreamDriver({ variant, only: "endpoints" });
    driver.set("endpoints", "a=1");
    driver.raw({ names: ["a"] });
    expect(driver.texts()).toEqual(["endpoints: a=1"]);
    expect(() => driver.raw({ typeUrl: typeUrls.cluster })).toThrow(/invalid_argument.*type_url/);
  });
});

describe("a stream in the state of the world", () => {
  it("does not hear a request with another nonce than the last: its client has yet to see that", () => {
    const driver = warmDriver("sotw");
    for (const nonce of ["", "0", "x"]) driver.raw({ typeUrl: typeUrls.endpoints, names: ["a"], nonce });
    driver.set("endpoints", "b=2");
    expect(driver.texts()).toEqual(["endpoints: b=2"]);
  });

  it("hears a first request, whatever nonce it has", () => {
    const driver = new StreamDriver({ variant: "sotw" });
    driver.set("endpoints", "a=1");
    driver.raw({ typeUrl: typeUrls.endpoints, names: ["a"], nonce: "of an earlier stream" });
    expect(driver.texts()).toEqual(["endpoints: a=1"]);
  });

  it("wants all only until it names one, be it *", () => {
    for (const name of ["*", "a"]) {
      const driver = new StreamDriver({ variant: "sotw" });
      driver.set("cluster", "a=1");
      driver.subscribe("cluster", name);
      driver.answer("cluster");
      driver.unsubscribe("cluster", name);
      driver.set("cluster", "b=1");
      expect(driver.texts()).toEqual([]);
    }
  });

  it("has versions that are the same on each replica, in whichever order things happened", () => {
    const versions = (...order: readonly ("a" | "b")[]) => {
      const driver = new StreamDriver({ variant: "sotw" });
      for (const name of order) driver.set("endpoints", `${name}=0`);
      driver.raw({ typeUrl: typeUrls.endpoints, names: order });
      const first = driver.stream.next();
      for (const name of order) driver.set("endpoints", `${name}=1`);
      driver.raw({ typeUrl: typeUrls.endpoints, names: order, nonce: first?.nonce ?? "" });
      const second = driver.stream.next();
      return [first, second].map((response) => response !== undefined && "versionInfo" in response && response.versionInfo);
    };
    expect(versions("a", "b")).toEqual(versions("b", "a"));
    expect(new Set(versions("a", "b")).size).toBe(2);
  });
});

describe("a stream in the state of the world that was another one before", () => {
  it("waits for the revision of what the client has, and says up to which one it has told", () => {
    const driver = new StreamDriver({ variant: "sotw" });
    driver.set("endpoints", "a=1");
    driver.raw({ typeUrl: typeUrls.endpoints, names: ["a"], version: "0123456789abcdef@70" });
    expect(driver.stream.waitsFor).toBe(70n);
    expect(driver.texts()).toEqual([]);
    driver.stream.goOn();
    expect(driver.texts()).toEqual(["endpoints: a=1"]);
    driver.answer("endpoints");
    driver.raw({ typeUrl: typeUrls.endpoints, names: ["a"], nonce: "1", version: "0123456789abcdef@99" });
    expect(driver.stream.waitsFor).toBeUndefined();
  });
});

describe("an incremental stream", () => {
  it("hears subscriptions with any nonce", () => {
    const driver = warmDriver("delta");
    driver.set("endpoints", "c=1");
    driver.raw({ typeUrl: typeUrls.endpoints, names: ["c"], nonce: "stale" });
    expect(driver.texts()).toEqual(["endpoints: c=1"]);
  });

  it("is told what is another than it had from a stream before, and what is gone, and of the rest nothing", () => {
    const before = new StreamDriver({ variant: "delta" });
    before.set("endpoints", "a=1", "b=1");
    const versions = Object.fromEntries(["a", "b"].map((name) => [name, before.view.get("endpoints", name)?.version ?? ""]));
    const driver = new StreamDriver({ variant: "delta" });
    driver.set("endpoints", "a=1", "b=2", "d=1");
    driver.raw({ typeUrl: typeUrls.endpoints, names: ["a", "b", "c", "d"], versions: { ...versions, c: "gone", z: "not asked for" } });
    expect(driver.texts()).toEqual(["endpoints: d=1 b=2 -c"]);
    driver.answer("endpoints");
    driver.set("endpoints", "a=2");
    expect(driver.texts()).toEqual(["endpoints: a=2"]);
  });

  it("is told, of all that it had from a stream before, what is gone", () => {
    const driver = new StreamDriver({ variant: "delta" });
    driver.set("cluster", "a=1");
    driver.raw({ typeUrl: typeUrls.cluster, versions: { a: driver.view.get("cluster", "a")?.version ?? "", b: "gone" } });
    expect(driver.texts()).toEqual(["cluster: -b"]);
  });

  it("is told at once that it is up to date, so that it knows", () => {
    const driver = new StreamDriver({ variant: "delta" });
    driver.set("endpoints", "a=1");
    driver.raw({ typeUrl: typeUrls.endpoints, names: ["a"], versions: { a: driver.view.get("endpoints", "a")?.version ?? "" } });
    expect(driver.texts()).toEqual(["endpoints:"]);
  });

  it("that has something else as of a revision is told nothing of its type before it is let go on, and of other types at once", () => {
    const driver = new StreamDriver({ variant: "delta" });
    driver.set("endpoints", "a=1");
    driver.set("cluster", "a=1");
    driver.raw({ typeUrl: typeUrls.endpoints, names: ["a"], versions: { a: "another@70" } });
    expect(driver.stream.waitsFor).toBe(70n);
    expect(driver.texts()).toEqual([]);
    driver.raw({ typeUrl: typeUrls.cluster, names: ["a"] });
    expect(driver.texts()).toEqual(["cluster: a=1"]);
    driver.set("endpoints", "a=2");
    expect(driver.texts()).toEqual([]);
    driver.stream.goOn();
    expect(driver.texts()).toEqual(["endpoints: a=2"]);
  });

  it("that has the same is kept waiting by no revision, nor by one that it does not name", () => {
    for (const version of ["same@70", "another", "another@", "another@-1"]) {
      const driver = new StreamDriver({ variant: "delta" });
      driver.set("endpoints", "a=1");
      const same = driver.view.get("endpoints", "a")?.version ?? "";
      driver.raw({ typeUrl: typeUrls.endpoints, names: ["a"], versions: { a: version.replace("same", same) } });
      expect(driver.stream.waitsFor).toBeUndefined();
    }
  });

  it("does not care about a name that is taken back and was never asked for", () => {
    const driver = warmDriver("delta");
    expect(driver.unsubscribe("endpoints", "z")).toEqual([]);
  });

  it("is told what becomes of a name that it takes back while it wants all", () => {
    const driver = new StreamDriver({ variant: "delta" });
    driver.set("cluster", "a=1");
    driver.subscribe("cluster", "*", "a", "z");
    driver.accepted();
    expect(driver.unsubscribe("cluster", "a", "z")).toEqual(["cluster: a=1 -z"]);
  });

  it("still wants all after it named one, if it named none at first", () => {
    const driver = new StreamDriver({ variant: "delta" });
    driver.set("cluster", "a=1", "b=1");
    driver.subscribe("cluster");
    driver.accepted();
    driver.subscribe("cluster", "a");
    driver.accepted();
    driver.set("cluster", "b=2");
    expect(driver.texts()).toEqual(["cluster: b=2"]);
  });
});

describe("a stream of a client that takes patches", () => {
  const long = "0123456789".repeat(30);
  const newDriver = () => {
    const driver = new StreamDriver({ variant: "delta" });
    driver.node = { id: "me", clientFeatures: ["dev.meshless.resource_patches"] };
    driver.set("endpoints", `a=1 ${long}`, `b=1 ${long}`);
    driver.subscribe("endpoints", "a", "b");
    driver.answer("endpoints");
    return driver;
  };
  const patchOf = (name: string) => [expect.stringMatching(new RegExp(`^endpoints: ${name}~[0-9a-f]{16}$`))];

  it("is sent what has changed in a resource, and all of one in which much has", () => {
    const driver = newDriver();
    driver.set("endpoints", `a=2 ${long}`);
    expect(driver.accepted()).toEqual(patchOf("a"));
    driver.set("endpoints", "b=2");
    expect(driver.accepted()).toEqual(["endpoints: b=2"]);
  });

  it("is sent all that has changed since what it has, whatever came between", () => {
    const driver = newDriver();
    driver.set("endpoints", `a=2 ${long}`);
    driver.texts();
    for (const value of [3, 4, 5]) driver.set("endpoints", `a=${value} ${long}`);
    expect(driver.answer("endpoints")).toEqual(patchOf("a"));
  });

  it("is sent all of a resource whose change it refuses", () => {
    const driver = newDriver();
    driver.set("endpoints", `a=2 ${long}`);
    driver.texts();
    expect(driver.answer("endpoints", "changes another version")).toEqual([`endpoints: a=2 ${long}`]);
    driver.set("endpoints", `a=3 ${long}`);
    expect(driver.answer("endpoints")).toEqual(patchOf("a"));
  });

  it("is sent all of what comes after a state that it refuses", () => {
    const driver = newDriver();
    driver.set("endpoints", "a=2");
    driver.texts();
    driver.answer("endpoints", "no good");
    driver.set("endpoints", `a=3 ${long}`);
    expect(driver.accepted()).toEqual([`endpoints: a=3 ${long}`]);
  });

  it("is sent all of a resource that it asks for anew", () => {
    const driver = newDriver();
    driver.unsubscribe("endpoints", "a");
    driver.set("endpoints", `a=2 ${long}`);
    expect(driver.subscribe("endpoints", "a")).toEqual([`endpoints: a=2 ${long}`]);
  });

  it("is sent what has changed since a stream before", () => {
    const before = newDriver();
    const version = before.view.get("endpoints", "a")?.version ?? "";
    before.set("endpoints", `a=2 ${long}`);
    before.accepted();
    const { view } = before;
    const driver = new StreamDriver({ variant: "delta" }, view);
    driver.raw({ typeUrl: typeUrls.endpoints, names: ["a"], versions: { a: version }, features: ["dev.meshless.resource_patches"] });
    expect(driver.texts()).toEqual(patchOf("a"));
  });

  it("is told of a change by the version that it was sent, though the same state has been read anew since", () => {
    const driver = newDriver();
    driver.view.asOf = 100n;
    driver.set("endpoints", `a=2 ${long}`);
    driver.accepted();
    const { version } = driver.view.get("endpoints", "a") as Resource;
    driver.view.asOf = 250n;
    driver.set("endpoints", `a=2 ${long}`);
    expect(driver.texts()).toEqual([]);
    driver.set("endpoints", `a=3 ${long}`);
    expect(driver.texts()).toEqual([`endpoints: a~${version}@100`]);
  });

  it("is not sent to others", () => {
    const driver = new StreamDriver({ variant: "delta" });
    driver.set("endpoints", `a=1 ${long}`);
    driver.subscribe("endpoints", "a");
    driver.answer("endpoints");
    driver.set("endpoints", `a=2 ${long}`);
    expect(driver.accepted()).toEqual([`endpoints: a=2 ${long}`]);
  });
});

import { create } from "@bufbuild/protobuf";
import { describe, expect, it } from "vitest";
import { AdsDriver, news, requests } from "../../../test/xds/ads-driver.ts";
import { clusters, endpoints, textResource } from "../../../test/xds/text-kind.ts";
import { DeltaDiscoveryResponseSchema } from "../../gen/envoy/service/discovery/v3/discovery_pb.ts";
import { seededRandom } from "../../testing/seeded-random.ts";
import type { AdsVariant } from "./ads-event.ts";

const variants: readonly AdsVariant[] = ["delta", "sotw"];

/** A driver whose stream is open, with subscriptions to endpoints. */
function openDriver(variant: AdsVariant, ...names: string[]): AdsDriver {
  const driver = new AdsDriver(variant);
  driver.subscribe(endpoints, ...names);
  driver.opened();
  return driver;
}

describe.each(variants)("a client of a control plane, %s", (variant) => {
  it("wants no stream before it wants a resource", () => {
    const driver = new AdsDriver(variant);
    expect(driver.client.wakeAtMs).toBe(Number.POSITIVE_INFINITY);
    expect(driver.handle({ kind: "subscribe", typeUrl: endpoints.typeUrl, names: ["a"] })).toEqual([
      { kind: "open", server: 0, stream: 1, variant },
    ]);
  });

  it("says who it is in the first request of a stream, and in no other", () => {
    const driver = new AdsDriver(variant);
    driver.subscribe(endpoints, "a");
    driver.subscribe(clusters, "c");
    const first = driver.opened();
    const later = [...requests(driver.respond(endpoints, ["a=1"])), ...driver.subscribe(endpoints, "b")];
    expect(first.map(({ node }) => node?.id)).toEqual(["me", undefined]);
    expect(later.map(({ node }) => node)).toEqual([undefined, undefined]);
    driver.closed();
    driver.pass(5_000);
    expect(driver.opened().map(({ node }) => node?.id)).toEqual(["me", undefined]);
  });

  it("never asks for a type of which it wants nothing: that would mean everything", () => {
    const driver = new AdsDriver(variant);
    driver.subscribe(clusters, "c");
    driver.subscribe(endpoints, "a");
    driver.unsubscribe(clusters, "c");
    expect(driver.opened().map(({ typeUrl }) => typeUrl)).toEqual([endpoints.typeUrl]);
  });

  it("answers each response with its nonce", () => {
    const driver = openDriver(variant, "a");
    for (const nonce of ["x", "y", "x", ""]) {
      const answers = requests(driver.respond(endpoints, ["a=1"], { nonce }));
      expect(answers).toMatchObject([{ typeUrl: endpoints.typeUrl, responseNonce: nonce }]);
      expect(answers[0]?.errorDetail).toBeUndefined();
    }
  });

  it("takes the good resources of a response that it refuses, and tells the operator of the others", () => {
    const driver = openDriver(variant, "a", "b", "c");
    const outputs = driver.respond(endpoints, ["a=1", "b=bad luck", "c=3"], { version: "7" });
    expect(news(outputs)).toEqual(["a=1", "b is refused: is bad luck", "c=3"]);
    const message = `1 of 3 resources in version "7" are refused, the last good ones stay in use: "b": is bad luck`;
    expect(requests(outputs)).toMatchObject([{ responseNonce: "n1", errorDetail: { code: 3, message } }]);
  });

  it("keeps the last good state of a resource whose new one is refused", () => {
    const driver = openDriver(variant, "a");
    driver.respond(endpoints, ["a=1"]);
    expect(news(driver.respond(endpoints, ["a=bad"]))).toEqual(["a is refused: is bad"]);
    expect(driver.client.resource(endpoints.typeUrl, "a")).toMatchObject({
      knowledge: { kind: "found", value: "1" },
      problems: ["is bad"],
    });
  });

  it("tells of a resource when it changes, and when a refusal ends, though it is the same", () => {
    const driver = openDriver(variant, "a");
    const told = [["a=1"], ["a=1"], ["a=2"], ["a=bad"], ["a=2"], ["a=2"]].map((texts) => news(driver.respond(endpoints, texts)));
    expect(told).toEqual([["a=1"], [], ["a=2"], ["a is refused: is bad"], ["a=2"], []]);
  });

  it("does not care what it did not ask for, bad or not", () => {
    const driver = openDriver(variant, "a");
    const outputs = driver.respond(endpoints, ["z=1", "y=bad", "y=bad", "a=1"]);
    expect(news(outputs)).toEqual(["a=1"]);
    expect(requests(outputs)[0]?.errorDetail).toBeUndefined();
  });

  it("refuses a resource that comes twice in one response", () => {
    const driver = openDriver(variant, "a");
    expect(news(driver.respond(endpoints, ["a=1", "a=2"]))).toEqual(["a=1", "a is refused: comes twice in one response"]);
  });

  it("takes nothing of a response of a type that it did not ask for on this stream, and does not answer it", () => {
    const driver = openDriver(variant, "a");
    expect(driver.respond(clusters, ["a=1"])).toEqual([]);
    expect(driver.respond({ ...clusters, typeUrl: "unheard-of" }, ["a=1"])).toEqual([]);
  });

  it("forgets what it has unsubscribed from, and takes it as new when it comes back", () => {
    const driver = openDriver(variant, "a", "b");
    driver.respond(endpoints, ["a=1", "b=1"]);
    driver.unsubscribe(endpoints, "a");
    expect(news(driver.respond(endpoints, ["a=2"]))).toEqual([]);
    driver.subscribe(endpoints, "a");
    expect(driver.client.resource(endpoints.typeUrl, "a")).toMatchObject({ knowledge: { kind: "requested" } });
    expect(news(driver.respond(endpoints, ["a=1"]))).toEqual(["a=1"]);
  });

  it("says nothing to a subscription that is there, or an unsubscription from what is not", () => {
    const driver = openDriver(variant, "a");
    expect([...driver.subscribe(endpoints, "a"), ...driver.unsubscribe(endpoints, "z")]).toEqual([]);
  });

  it("throws for a type that it does not know", () => {
    expect(() => new AdsDriver(variant).subscribe({ ...endpoints, typeUrl: "unheard-of" }, "a")).toThrow(/no such type/);
  });

  describe("when a stream ends", () => {
    it("keeps all that it knows", () => {
      const driver = openDriver(variant, "a");
      driver.respond(endpoints, ["a=1"]);
      expect(news([...driver.closed(), ...driver.pass(3_600_000)])).toEqual([]);
      expect(driver.client.resource(endpoints.typeUrl, "a")).toMatchObject({ knowledge: { kind: "found", value: "1" } });
    });

    it("comes back within 2 s, spread by chance and without a word of failure, if there was a response", () => {
      for (const chance of [0.001, 0.5, 0.999]) {
        const driver = openDriver(variant, "a");
        driver.respond(endpoints, ["a=1"]);
        driver.chance = chance;
        expect([...driver.closed(), ...driver.pass(chance * 2_000 - 1)]).toEqual([]);
        expect(driver.pass(2)).toEqual([{ kind: "open", server: 0, stream: 2, variant }]);
      }
    });

    it("backs off with full jitter, and says since when, if there was none", () => {
      const driver = openDriver(variant, "a");
      driver.chance = 1;
      const delaysMs = Array.from({ length: 10 }, (_, index) => {
        expect(driver.closed("refused")).toEqual([
          { kind: "unanswered", server: 0, reason: "refused", failures: index + 1, sinceMs: 1_000 },
        ]);
        const delayMs = driver.client.wakeAtMs - driver.nowMs;
        expect(driver.pass(delayMs)).toEqual([{ kind: "open", server: 0, stream: index + 2, variant }]);
        return Math.round(delayMs);
      });
      expect(delaysMs).toEqual([1_000, 1_600, 2_560, 4_096, 6_554, 10_486, 16_777, 26_844, 30_000, 30_000]);
      driver.chance = 0;
      expect(driver.closed()).toMatchObject([{ kind: "unanswered" }, { kind: "open" }]);
    });

    it("forgets its failures with the first response", () => {
      const driver = openDriver(variant, "a");
      for (let left = 5; left > 0; left--) {
        driver.closed();
        driver.pass(60_000);
      }
      driver.opened();
      expect(driver.respond(endpoints, ["a=1"])[0]).toEqual({ kind: "answered", server: 0 });
      expect(driver.respond(endpoints, ["a=2"])[0]?.kind).toBe("send");
      driver.closed();
      driver.pass(2_000);
      driver.opened();
      expect(driver.closed()).toMatchObject([{ kind: "unanswered", failures: 1, sinceMs: driver.nowMs }]);
    });

    it("asks on the new stream for what is wanted by then, with an empty nonce", () => {
      const driver = openDriver(variant, "a", "b");
      driver.respond(endpoints, ["a=1", "b=1"]);
      driver.closed();
      driver.unsubscribe(endpoints, "a");
      driver.subscribe(endpoints, "c");
      driver.pass(2_000);
      const [request, ...more] = driver.opened();
      expect(more).toEqual([]);
      expect(request).toMatchObject({ responseNonce: "" });
      expect(request).toMatchObject(
        variant === "delta" ? { resourceNamesSubscribe: ["b", "c"], resourceNamesUnsubscribe: [] } : { resourceNames: ["b", "c"] },
      );
    });

    it("wants no other one until something is wanted", () => {
      const driver = openDriver(variant, "a");
      driver.unsubscribe(endpoints, "a");
      driver.closed();
      expect(driver.client.wakeAtMs).toBe(Number.POSITIVE_INFINITY);
      expect(driver.pass(60_000)).toEqual([]);
      driver.subscribe(endpoints, "b");
      expect(driver.stream).toBe(2);
    });

    it("hears nothing more of it", () => {
      const driver = openDriver(variant, "a");
      const old = driver.stream;
      driver.closed();
      driver.pass(5_000);
      driver.streams[0] = old;
      expect([...driver.opened(), ...driver.respond(endpoints, ["a=1"]), ...driver.closed()]).toEqual([]);
    });

    it("repeats no refusal on the next one", () => {
      const driver = openDriver(variant, "a");
      driver.respond(endpoints, ["a=bad"]);
      driver.closed();
      driver.pass(2_000);
      expect(driver.opened()[0]?.errorDetail).toBeUndefined();
    });
  });

  describe("a resource of which the server says nothing", () => {
    it("counts as missing 15 s after it was asked for", () => {
      const driver = openDriver(variant, "a");
      driver.pass(10_000);
      driver.subscribe(endpoints, "b");
      expect(news(driver.pass(4_999))).toEqual([]);
      expect(news(driver.pass(1))).toEqual(["a is missing: never sent"]);
      expect(news(driver.pass(10_000))).toEqual(["b is missing: never sent"]);
    });

    it("is waited for only while a stream is open, and anew on each", () => {
      const driver = new AdsDriver(variant);
      driver.subscribe(endpoints, "a");
      expect(news(driver.pass(60_000))).toEqual([]);
      driver.opened();
      driver.pass(14_000);
      driver.closed();
      expect(news(driver.pass(60_000))).toEqual([]);
      driver.opened();
      expect(news(driver.pass(14_999))).toEqual([]);
      expect(news(driver.pass(1))).toEqual(["a is missing: never sent"]);
    });

    it("is not missing once it was seen on this stream, good or bad, nor on a later one if there is a good state of it", () => {
      const driver = openDriver(variant, "a", "b");
      driver.respond(endpoints, ["a=1", "b=bad"]);
      expect(news(driver.pass(60_000))).toEqual([]);
      driver.closed();
      driver.pass(60_000);
      driver.opened();
      expect(news(driver.pass(60_000))).toEqual(["b is missing: never sent"]);
    });

    it("is found when it comes after all", () => {
      const driver = openDriver(variant, "a");
      driver.pass(15_000);
      expect(news(driver.respond(endpoints, ["a=1"]))).toEqual(["a=1"]);
    });
  });
});

describe("an incremental client", () => {
  it("asks for what is new, and takes back what is not wanted any more", () => {
    const driver = new AdsDriver();
    driver.subscribe(endpoints, "a", "b", "a");
    expect(driver.opened()).toMatchObject([{ resourceNamesSubscribe: ["a", "b"], resourceNamesUnsubscribe: [] }]);
    expect(driver.subscribe(endpoints, "b", "c")).toMatchObject([{ resourceNamesSubscribe: ["c"], resourceNamesUnsubscribe: [] }]);
    expect(driver.unsubscribe(endpoints, "a", "z")).toMatchObject([{ resourceNamesSubscribe: [], resourceNamesUnsubscribe: ["a"] }]);
  });

  it("tells of each change of mind in its order, so that what was left out is sent again", () => {
    const driver = openDriver("delta", "a");
    const removeThenAdd = [...driver.unsubscribe(endpoints, "a"), ...driver.subscribe(endpoints, "a")];
    expect(removeThenAdd).toMatchObject([{ resourceNamesUnsubscribe: ["a"] }, { resourceNamesSubscribe: ["a"] }]);
    const addThenRemove = [...driver.subscribe(endpoints, "b"), ...driver.unsubscribe(endpoints, "b")];
    expect(addThenRemove).toMatchObject([{ resourceNamesSubscribe: ["b"] }, { resourceNamesUnsubscribe: ["b"] }]);
  });

  it("gives no nonce but in an answer", () => {
    const driver = openDriver("delta", "a");
    driver.respond(endpoints, ["a=1"], { nonce: "x" });
    expect(driver.subscribe(endpoints, "b")).toMatchObject([{ responseNonce: "" }]);
  });

  it("says on a new stream, in its first request alone, which versions it has", () => {
    const driver = openDriver("delta", "a", "b", "c", "d");
    driver.respond(endpoints, ["a=1", "b=1", "c=1"], { version: "v1" });
    driver.respond(endpoints, ["a=2", "b=bad"], { version: "v2", removed: ["c"] });
    driver.closed();
    driver.pass(2_000);
    expect(driver.opened()).toMatchObject([
      { resourceNamesSubscribe: ["a", "b", "c", "d"], initialResourceVersions: { a: "v2", b: "v1" } },
    ]);
    expect(driver.subscribe(endpoints, "e")).toMatchObject([{ initialResourceVersions: {} }]);
  });

  it("hears that a resource is gone at once, and only if it wanted it", () => {
    const driver = openDriver("delta", "a", "b");
    expect(news(driver.respond(endpoints, ["b=1"], { removed: ["a", "z"] }))).toEqual(["b=1", "a is missing: removed"]);
    expect(news(driver.respond(endpoints, [], { removed: ["a", "b"] }))).toEqual(["b is missing: removed"]);
    expect(news(driver.respond(endpoints, ["b=1"]))).toEqual(["b=1"]);
  });

  it("keeps what a response does not speak of", () => {
    const driver = new AdsDriver();
    driver.subscribe(clusters, "a", "b");
    driver.opened();
    driver.respond(clusters, ["a=1", "b=1"]);
    expect(news(driver.respond(clusters, ["b=2"]))).toEqual(["b=2"]);
    expect(driver.client.resource(clusters.typeUrl, "a")).toMatchObject({ knowledge: { kind: "found" } });
  });

  it("refuses what has another name inside, another type, or no content; and takes a heartbeat for none of these", () => {
    const driver = openDriver("delta", "a", "b", "c", "d");
    driver.respond(endpoints, ["d=1"]);
    const outputs = driver.received(
      create(DeltaDiscoveryResponseSchema, {
        typeUrl: endpoints.typeUrl,
        resources: [
          { name: "a", resource: textResource(endpoints, "b=1") },
          { name: "b", resource: textResource(clusters, "b=1") },
          { name: "c" },
          { name: "d", ttl: { seconds: 5n } },
        ],
      }),
    );
    expect(news(outputs)).toEqual([
      `a is refused: has the name "b" inside`,
      `b is refused: is of type "${clusters.typeUrl}" in a response of "${endpoints.typeUrl}"`,
      "c is refused: has no content",
    ]);
  });
});

describe("a client of the state of the world", () => {
  it("names all that it wants each time, with the last version that it accepted and the last nonce", () => {
    const driver = new AdsDriver("sotw");
    driver.subscribe(endpoints, "a");
    expect(driver.opened()).toMatchObject([{ resourceNames: ["a"], versionInfo: "", responseNonce: "" }]);
    expect(requests(driver.respond(endpoints, ["a=1"], { version: "v1" }))).toMatchObject([
      { resourceNames: ["a"], versionInfo: "v1", responseNonce: "n1" },
    ]);
    expect(driver.subscribe(endpoints, "b")).toMatchObject([{ resourceNames: ["a", "b"], versionInfo: "v1", responseNonce: "n1" }]);
    expect(requests(driver.respond(endpoints, ["b=bad"], { version: "v2" }))).toMatchObject([{ versionInfo: "v1", responseNonce: "n2" }]);
    expect(driver.unsubscribe(endpoints, "a", "b")).toMatchObject([{ resourceNames: [], versionInfo: "v1", responseNonce: "n2" }]);
  });

  it("repeats a refusal when it wants something else, since that would read as acceptance", () => {
    const driver = openDriver("sotw", "a");
    driver.respond(endpoints, ["a=bad"]);
    expect(driver.subscribe(endpoints, "b")[0]?.errorDetail?.message).toContain("are refused");
    driver.respond(endpoints, ["a=1"]);
    expect(driver.subscribe(endpoints, "c")[0]?.errorDetail).toBeUndefined();
  });

  it("says a change of mind and back once more with its next answer: a server that had just sent something has ignored both", () => {
    const driver = openDriver("sotw", "a", "b");
    driver.respond(endpoints, ["a=1", "b=1"]);
    driver.unsubscribe(endpoints, "a");
    driver.subscribe(endpoints, "a");
    const answers = requests(driver.respond(endpoints, ["b=2"]));
    expect(answers).toMatchObject([
      { resourceNames: ["b"], responseNonce: "n2" },
      { resourceNames: ["b", "a"], responseNonce: "n2" },
    ]);
    driver.respond(endpoints, ["a=1"]);
    expect(requests(driver.respond(endpoints, ["b=3"]))).toMatchObject([{ resourceNames: ["b", "a"] }]);
  });

  it("says on a new stream which version it has", () => {
    const driver = openDriver("sotw", "a");
    driver.respond(endpoints, ["a=1"], { version: "v1" });
    driver.respond(endpoints, ["a=bad"], { version: "v2" });
    driver.closed();
    driver.pass(2_000);
    expect(driver.opened()).toMatchObject([{ resourceNames: ["a"], versionInfo: "v1", responseNonce: "" }]);
  });

  it("claims no version where it has no state of something that it wants: a server might keep it back", () => {
    const driver = openDriver("sotw", "a");
    driver.respond(endpoints, ["a=1"], { version: "v1" });
    driver.closed();
    driver.subscribe(endpoints, "b");
    driver.pass(2_000);
    expect(driver.opened()).toMatchObject([{ resourceNames: ["a", "b"], versionInfo: "" }]);
    driver.pass(15_000);
    driver.closed();
    driver.pass(5_000);
    expect(driver.opened()).toMatchObject([{ resourceNames: ["a", "b"], versionInfo: "" }]);
  });

  it("takes a cluster as gone when a response has it no more, and endpoints not", () => {
    const driver = new AdsDriver("sotw");
    driver.subscribe(clusters, "a", "b", "c", "d");
    driver.subscribe(endpoints, "a", "b");
    driver.opened();
    driver.respond(clusters, ["a=1", "b=1", "c=bad"]);
    driver.respond(endpoints, ["a=1", "b=1"]);
    expect(news(driver.respond(clusters, ["b=1"]))).toEqual(["a is missing: removed", "c is missing: removed"]);
    expect(news(driver.respond(endpoints, ["b=1"]))).toEqual([]);
    expect(news(driver.respond(clusters, []))).toEqual(["b is missing: removed"]);
    expect(news(driver.pass(15_000))).toEqual(["d is missing: never sent"]);
  });

  it("takes nothing as gone where a resource can't be read: it may be that one", () => {
    const driver = new AdsDriver("sotw");
    driver.subscribe(clusters, "a", "b");
    driver.opened();
    driver.respond(clusters, ["a=1", "b=1"]);
    const outputs = driver.respond(clusters, ["b=2", "?"], { version: "2" });
    expect(news(outputs)).toEqual(["b=2"]);
    expect(requests(outputs)[0]?.errorDetail?.message).toContain("one without a name: can't be read");
  });
});

describe("which variant is spoken", () => {
  it("is the incremental one, or the state of the world at once where the server does not know it, and from then on", () => {
    const driver = openDriver("delta", "a");
    expect(driver.closed("unimplemented", true)).toEqual([{ kind: "open", server: 0, stream: 2, variant: "sotw" }]);
    driver.opened();
    driver.respond(endpoints, ["a=1"]);
    driver.closed();
    expect(driver.pass(2_000)).toEqual([{ kind: "open", server: 0, stream: 3, variant: "sotw" }]);
  });

  it("is asked of a server that knows neither again and again, with backoff", () => {
    const driver = openDriver("delta", "a");
    driver.chance = 1;
    driver.closed("unimplemented", true);
    expect(driver.closed("unimplemented", true)).toMatchObject([{ kind: "unanswered", failures: 1 }]);
    expect(driver.pass(1_000)).toEqual([{ kind: "open", server: 0, stream: 3, variant: "delta" }]);
  });

  it("takes no versions along to the other", () => {
    const driver = openDriver("delta", "a");
    driver.respond(endpoints, ["a=1"], { version: "v1" });
    driver.closed();
    driver.pass(2_000);
    driver.closed("unimplemented", true);
    expect(driver.opened()).toMatchObject([{ resourceNames: ["a"], versionInfo: "" }]);
    expect(driver.client.resource(endpoints.typeUrl, "a")).toMatchObject({ knowledge: { kind: "found", value: "1", version: "" } });
  });
});

it("comes back with at most a tenth of 500 clients in any 100 ms, when a server restarts", () => {
  const random = seededRandom(7);
  const delaysMs = Array.from({ length: 500 }, () => {
    const driver = openDriver("delta", "a");
    driver.respond(endpoints, ["a=1"]);
    driver.chance = random();
    driver.closed();
    return driver.client.wakeAtMs - driver.nowMs;
  });
  const buckets = Object.values(Object.groupBy(delaysMs, (ms) => Math.floor(ms / 100)));
  expect(Math.max(...buckets.map((bucket = []) => bucket.length))).toBeLessThanOrEqual(50);
});

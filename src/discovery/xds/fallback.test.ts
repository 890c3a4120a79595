import { describe, expect, it } from "vitest";
import { AdsDriver, news, requests } from "../../../test/xds/ads-driver.ts";
import { clusters, endpoints } from "../../../test/xds/text-kind.ts";
import type { AdsOutput, AdsRequest, AdsVariant } from "./ads-event.ts";

/** What becomes of the control planes: `open 1`, `close 1`, ... */
function moves(outputs: readonly AdsOutput<string>[]): readonly string[] {
  return outputs.flatMap((output) => (output.kind !== "send" && "server" in output ? [`${output.kind} ${output.server}`] : []));
}

function claimOf(request: AdsRequest | undefined): unknown {
  if (request === undefined) return undefined;
  return "versionInfo" in request ? request.versionInfo : request.initialResourceVersions;
}

/** The first control plane can't be reached, and the second one is asked for endpoints. */
function fallenBack(variant: AdsVariant, ...names: string[]): AdsDriver {
  const driver = new AdsDriver(variant, 2);
  driver.subscribe(endpoints, ...names);
  driver.closed();
  driver.server = 1;
  driver.opened();
  return driver;
}

describe.each<AdsVariant>(["delta", "sotw"])("a client of several control planes, %s", (variant) => {
  const nothing = variant === "delta" ? {} : "";

  it("asks the first one alone as long as that answers", () => {
    const driver = new AdsDriver(variant, 2);
    driver.subscribe(endpoints, "a");
    driver.opened();
    driver.respond(endpoints, ["a=1"]);
    expect(moves([...driver.closed(), ...driver.pass(2_000)])).toEqual(["open 0"]);
    expect(driver.streams).toEqual([2]);
  });

  it("asks the next one when the first can't be reached and there is something of which nothing is known", () => {
    const driver = new AdsDriver(variant, 2);
    driver.subscribe(endpoints, "a", "b");
    expect(moves(driver.closed())).toEqual(["unanswered 0", "fallback 1", "open 1"]);
    driver.server = 1;
    expect(driver.opened()).toMatchObject([variant === "delta" ? { resourceNamesSubscribe: ["a", "b"] } : { resourceNames: ["a", "b"] }]);
    expect(news(driver.respond(endpoints, ["a=1", "b=1"]))).toEqual(["a=1", "b=1"]);
    expect(driver.client.server).toBe(1);
  });

  it("keeps to the first one while all is known, be it that there is none, and asks the next one once something new is wanted", () => {
    const driver = new AdsDriver(variant, 2);
    driver.subscribe(endpoints, "a", "b");
    driver.opened();
    driver.respond(endpoints, ["a=1"]);
    driver.pass(15_000); // b is missing
    driver.closed();
    driver.pass(2_000);
    expect(moves(driver.closed())).toEqual(["unanswered 0"]);
    expect(moves(driver.handle({ kind: "subscribe", typeUrl: endpoints.typeUrl, names: ["c"] }))).toEqual(["fallback 1", "open 1"]);
  });

  it("does not take the end of a stream that had answers for a failure", () => {
    const driver = new AdsDriver(variant, 2);
    driver.subscribe(endpoints, "a", "b");
    driver.opened();
    driver.respond(endpoints, ["a=1"]);
    expect(moves(driver.closed())).toEqual([]);
  });

  it("keeps what it knows until the one that is asked instead says otherwise", () => {
    const driver = new AdsDriver(variant, 2);
    driver.subscribe(endpoints, "a", "b");
    driver.opened();
    driver.respond(endpoints, ["a=1"]);
    driver.closed();
    driver.pass(2_000);
    driver.closed();
    driver.server = 1;
    driver.opened();
    expect(news(driver.respond(endpoints, ["b=1"]))).toEqual(["b=1"]);
    expect(driver.client.resource(endpoints.typeUrl, "a")).toMatchObject({ knowledge: { kind: "found", value: "1" } });
    expect(news(driver.respond(endpoints, ["a=2"]))).toEqual(["a=2"]);
  });

  it("goes on trying the first one, and returns as soon as that answers", () => {
    const driver = fallenBack(variant, "a");
    driver.respond(endpoints, ["a=1"]);
    const late = driver.stream;
    expect(moves(driver.pass(1_000))).toEqual(["open 0"]);
    driver.server = 0;
    driver.opened();
    expect(driver.client.server).toBe(1);
    const outputs = driver.respond(endpoints, ["a=2"]);
    expect([moves(outputs), news(outputs)]).toEqual([["close 1", "answered 0"], ["a=2"]]);
    expect(driver.client.server).toBe(0);
    driver.streams[0] = late;
    expect(driver.respond(endpoints, ["a=3"])).toEqual([]);
    expect(moves(driver.pass(3_600_000))).toEqual([]);
  });

  it("loses nothing on the way back: what the first one has not spoken of yet stays", () => {
    const driver = fallenBack(variant, "a", "b");
    driver.subscribe(clusters, "c");
    driver.respond(endpoints, ["a=1", "b=1"]);
    driver.respond(clusters, ["c=1"]);
    driver.pass(1_000);
    driver.server = 0;
    driver.opened();
    expect(news(driver.respond(clusters, ["c=1"]))).toEqual([]);
    for (const name of ["a", "b"]) {
      expect(driver.client.resource(endpoints.typeUrl, name)).toMatchObject({ knowledge: { kind: "found", value: "1" } });
    }
    expect(news(driver.respond(endpoints, ["a=2"]))).toEqual(["a=2"]);
  });

  it("claims to a control plane what it has from that one, and not while another one is heard, which may change it meanwhile", () => {
    const driver = new AdsDriver(variant, 2);
    driver.subscribe(endpoints, "a");
    driver.opened();
    driver.respond(endpoints, ["a=1"], { version: "7" });
    driver.closed();
    driver.pass(2_000);
    driver.closed();
    driver.subscribe(endpoints, "b");
    driver.server = 1;
    expect(claimOf(driver.opened()[0])).toEqual(nothing);
    driver.pass(1_000);
    driver.server = 0;
    expect(claimOf(driver.opened()[0])).toEqual(nothing);
    driver.respond(endpoints, ["a=1", "b=1"], { version: "7" });
    driver.closed();
    driver.pass(2_000);
    expect(claimOf(driver.opened()[0])).toEqual(variant === "delta" ? { a: "7", b: "7" } : "7");
  });

  it("claims nothing to the first one of what came from the next one", () => {
    const driver = fallenBack(variant, "a", "b");
    driver.respond(endpoints, ["a=1", "b=1"], { version: "7" });
    driver.pass(1_000);
    driver.server = 0;
    driver.opened();
    driver.respond(endpoints, ["a=1"], { version: "8" });
    driver.closed();
    driver.pass(2_000);
    expect(claimOf(driver.opened()[0])).toEqual(variant === "delta" ? { a: "8" } : "");
  });

  it("hears whichever answers first when none does, and tries all of them until then", () => {
    const driver = new AdsDriver(variant, 3);
    driver.subscribe(endpoints, "a");
    driver.closed();
    driver.server = 1;
    expect(moves(driver.closed())).toEqual(["unanswered 1", "fallback 2", "open 2"]);
    driver.server = 2;
    driver.closed();
    expect([...new Set(moves(driver.pass(1_000)))].sort()).toEqual(["open 0", "open 1", "open 2"]);
    driver.server = 1;
    driver.opened();
    expect(moves(driver.respond(endpoints, ["a=1"]))).toEqual(["close 2", "answered 1"]);
    driver.server = 0;
    driver.opened();
    expect(moves(driver.respond(endpoints, ["a=2"]))).toEqual(["close 1", "answered 0"]);
  });

  it("asks the next one afresh each time that it is needed", () => {
    const driver = fallenBack(variant, "a");
    driver.closed();
    driver.pass(1_000);
    driver.server = 0;
    driver.opened();
    driver.respond(endpoints, ["a=1"]);
    driver.closed();
    driver.pass(2_000);
    driver.closed();
    expect(moves(driver.handle({ kind: "subscribe", typeUrl: endpoints.typeUrl, names: ["b"] }))).toEqual(["fallback 1", "open 1"]);
    driver.server = 1;
    expect(requests(driver.handle({ kind: "opened", stream: driver.stream }))[0]).toMatchObject({ node: { id: "me" }, responseNonce: "" });
  });

  it("tells both of what is wanted meanwhile", () => {
    const driver = fallenBack(variant, "a");
    driver.pass(1_000);
    driver.server = 0;
    driver.opened();
    const outputs = driver.handle({ kind: "subscribe", typeUrl: endpoints.typeUrl, names: ["b"] });
    expect(outputs.map((output) => output.kind === "send" && output.server)).toEqual([0, 1]);
  });

  it("takes for missing what the one that is heard does not speak of within 15 s, and waits anew after each change", () => {
    const driver = fallenBack(variant, "a");
    driver.pass(10_000);
    driver.server = 0;
    driver.opened();
    driver.subscribe(clusters, "c");
    expect(news(driver.pass(4_999))).toEqual([]);
    driver.respond(clusters, ["c=1"]);
    expect(news(driver.pass(14_999))).toEqual([]);
    expect(news(driver.pass(1))).toEqual(["a is missing: never sent"]);
  });

  it("takes nothing for gone because the first one is silent of it that it was not asked for by then", () => {
    const driver = fallenBack(variant, "a");
    driver.subscribe(clusters, "c");
    driver.respond(clusters, ["c=1"]);
    driver.pass(1_000);
    driver.server = 0;
    driver.opened();
    driver.server = 1;
    driver.subscribe(clusters, "d");
    driver.respond(clusters, ["c=1", "d=1"]);
    driver.server = 0;
    // Sent before it heard of d.
    expect(news(driver.respond(clusters, ["c=2"]))).toEqual(["c=2"]);
    expect(driver.client.resource(clusters.typeUrl, "d")).toMatchObject({ knowledge: { kind: "found", value: "1" } });
    expect(news(driver.respond(clusters, ["c=3"], { removed: ["d"] }))).toEqual(["c=3", "d is missing: removed"]);
  });

  it("takes for missing what the first one does not speak of while the next one can't be reached", () => {
    const driver = new AdsDriver(variant, 2);
    driver.subscribe(endpoints, "a");
    driver.closed();
    driver.server = 1;
    driver.closed();
    driver.pass(1_000);
    driver.server = 0;
    driver.opened();
    driver.pass(10_000);
    driver.server = 1;
    driver.closed();
    expect(news(driver.pass(4_999))).toEqual([]);
    expect(news(driver.pass(1))).toEqual(["a is missing: never sent"]);
  });
});

/**
 * The cases of published suites for servers, as tests of ours.
 *
 * | suite | case | test |
 * |---|---|---|
 * | xds-test-harness, delta | one after the other; updated; created; removed and back; unsubscribed | here, "by name" |
 * | xds-test-harness, subscribing | specific resources, changes, those that do not exist yet | here, "by name" |
 * | | wildcard: all, changes, new ones | here, "without a name" |
 * | | several types on one stream | server-stream.test.ts, "keeps apart what is under way of each type" |
 * | xds-test-harness, unsubscribing | from some, from all | here, "by name" |
 * | go-control-plane, subscription | the state machine of wildcards, legacy and new | here, "what a stream wants" |
 * | go-control-plane, server | StaleNonce, AggregateRequestType, OpaqueRequestsChannelMuxing, Cancellations | server-stream.test.ts |
 * | | AggregatedHandlers: node once; DropStaleResponseAfterUnsubscribe | here |
 * | go-control-plane, delta | ResponseHandlers, Wildcard, initial versions | here, server-stream.test.ts |
 * | | MultipleStreams, ServerShutdown | create-control-plane.test.ts |
 * | go-control-plane, cache | order of types, versions by content | server-stream.test.ts, catalog.test.ts |
 *
 * Not ours: Fetch (there is no REST), callbacks, TTL of resources (no client is sent any).
 */
import { describe, expect, it } from "vitest";
import { StreamDriver } from "../../../test/control-plane/stream-driver.ts";
import { resourceTypes, typeUrls } from "../resource.ts";

const fourVariants = (["delta", "sotw"] as const).flatMap((variant) => [
  { variant, isAggregated: true },
  { variant, isAggregated: false },
]);
const matrix = resourceTypes.flatMap((type) => fourVariants.map((variant) => ({ type, ...variant })));

describe.each(matrix)("$type by name, $variant, aggregated: $isAggregated", ({ type, variant, isAggregated }) => {
  const comesWhole = variant === "sotw" && (type === "cluster" || type === "listener");

  function driverOf(...texts: readonly string[]): StreamDriver {
    const driver = new StreamDriver({ variant, only: isAggregated ? undefined : type });
    driver.set(type, ...texts);
    return driver;
  }

  /** One response: with what has changed, or with all where it comes whole. */
  const response = (changed: string, all = changed) => [`${type}: ${comesWhole ? all : changed}`];

  /** How it is said that there is no `z`: not at all of routes in the state of the world. */
  const absence = variant === "delta" ? "-z" : type === "endpoints" ? "z=" : undefined;

  it("one after the other: each is sent when it is asked for, and no acceptance is answered", () => {
    const driver = driverOf("a=1", "b=1", "c=1");
    expect(driver.subscribe(type, "a")).toEqual(response("a=1"));
    expect(driver.answer(type)).toEqual([]);
    expect(driver.subscribe(type, "b")).toEqual(response("b=1", "a=1 b=1"));
    expect(driver.answer(type)).toEqual([]);
  });

  it("one that changes is sent alone, or with those that it comes with", () => {
    const driver = driverOf("a=1", "b=1", "c=1");
    driver.subscribe(type, "a", "b", "c");
    driver.answer(type);
    driver.set(type, "a=2");
    expect(driver.texts()).toEqual(response("a=2", "a=2 b=1 c=1"));
    expect(driver.answer(type)).toEqual([]);
  });

  it("one that is not there is told of as far as that can be said, and sent once it is", () => {
    const driver = driverOf("a=1");
    expect(driver.subscribe(type, "a", "z")).toEqual([`${type}: a=1 ${absence ?? ""}`.trim()]);
    expect(driver.answer(type)).toEqual([]);
    driver.set(type, "z=1");
    expect(driver.texts()).toEqual(response("z=1", "a=1 z=1"));
    expect(driver.answer(type)).toEqual([]);
  });

  it("one that is removed is told of as far as that can be said, and sent when it is back, be it the same", () => {
    const driver = driverOf("a=1", "z=1");
    driver.subscribe(type, "a", "z");
    driver.answer(type);
    driver.set(type, "z");
    expect(driver.texts()).toEqual(comesWhole ? [`${type}: a=1`] : absence === undefined ? [] : [`${type}: ${absence}`]);
    driver.answer(type);
    driver.set(type, "z=2");
    expect(driver.texts()).toEqual(response("z=2", "a=1 z=2"));
    expect(driver.answer(type)).toEqual([]);
  });

  it("some that are not wanted any more are not sent, and the others are", () => {
    const driver = driverOf("a=1", "b=1", "c=1");
    driver.subscribe(type, "a", "b", "c");
    driver.answer(type);
    expect(driver.unsubscribe(type, "b")).toEqual([]);
    driver.set(type, "b=2");
    expect(driver.texts()).toEqual([]);
    driver.set(type, "a=2");
    expect(driver.texts()).toEqual(response("a=2", "a=2 c=1"));
    expect(driver.answer(type)).toEqual([]);
  });

  it("all that are not wanted any more mean nothing, not everything, and are sent again when they are wanted again", () => {
    const driver = driverOf("a=1", "b=1");
    driver.subscribe(type, "a", "b");
    driver.answer(type);
    expect(driver.unsubscribe(type, "a")).toEqual([]);
    expect(driver.unsubscribe(type, "b")).toEqual([]);
    driver.set(type, "a=2", "b=2", "c=2");
    expect(driver.texts()).toEqual([]);
    expect(driver.stream.types.get(type)?.told.size).toBe(0);
    expect(driver.subscribe(type, "a")).toEqual(response("a=2"));
    expect(driver.answer(type)).toEqual([]);
  });

  it("one that is not wanted any more by the time that it could be sent is not", () => {
    const driver = driverOf("a=1", "b=1");
    driver.subscribe(type, "a", "b");
    driver.set(type, "a=2");
    expect(driver.unsubscribe(type, "a")).toEqual([]);
    expect(driver.accepted()).toEqual([]);
  });

  it("an answer to another response than the last accepts nothing: the next one waits", () => {
    const driver = driverOf("a=1");
    driver.subscribe(type, "a");
    driver.raw({ typeUrl: typeUrls[type], nonce: "stale" });
    driver.set(type, "a=2");
    expect(driver.texts()).toEqual([]);
    expect(driver.answer(type)).toEqual(response("a=2"));
  });

  it("the client says who it is once, and nobody forgets it", () => {
    const driver = driverOf("a=1");
    driver.node = { id: "me" };
    driver.subscribe(type, "a");
    driver.node = undefined;
    driver.answer(type);
    expect(driver.stream.node).toMatchObject({ id: "me" });
  });
});

const wildcards = matrix.filter(({ type }) => type === "cluster" || type === "listener");

describe.each(wildcards)("$type without a name, $variant, aggregated: $isAggregated", ({ type, variant, isAggregated }) => {
  it.each(["", "*"])("are all sent, with those that change and those that come, asked for by %j", (name) => {
    const driver = new StreamDriver({ variant, only: isAggregated ? undefined : type });
    driver.set(type, "a=1", "b=1");
    const response = (changed: string, all: string) => [`${type}: ${variant === "delta" ? changed : all}`];
    expect(driver.subscribe(type, ...[name].filter(Boolean))).toEqual([`${type}: a=1 b=1`]);
    expect(driver.answer(type)).toEqual([]);
    driver.set(type, "a=2");
    expect(driver.texts()).toEqual(response("a=2", "a=2 b=1"));
    expect(driver.answer(type)).toEqual([]);
    driver.set(type, "c=1");
    expect(driver.texts()).toEqual(response("c=1", "a=2 b=1 c=1"));
    expect(driver.answer(type)).toEqual([]);
  });

  type Step = readonly [act: "+" | "-", names: string, wanted: string];
  const old: readonly Step[] = [
    ["+", "", "*"],
    ["+", "", "*"],
    ["+", "r", variant === "delta" ? "* r" : "r"],
    ["-", "r", variant === "delta" ? "*" : ""],
  ];
  const byStar: readonly Step[] = [
    ["+", "*", "*"],
    ["+", "", "*"],
    ["+", "r", "* r"],
    ["-", "r", "*"],
    ["+", "o", "* o"],
    ["-", "*", "o"],
    ["-", "*", "o"],
    ["-", "o", ""],
    ["+", "", ""],
    ["+", "*", "*"],
    ["-", "x", "*"],
  ];
  it.each([
    { way: "in the old way", steps: old },
    { way: "by *", steps: byStar },
  ])("what a stream wants is what it said last, $way", ({ steps }) => {
    const driver = new StreamDriver({ variant, only: isAggregated ? undefined : type });
    driver.set(type, "r=1", "o=1");
    for (const [act, names, wanted] of steps) {
      const list = names.split(" ").filter(Boolean);
      if (act === "+") driver.subscribe(type, ...list);
      else driver.unsubscribe(type, ...list);
      driver.accepted();
      const { isWildcard, subscribed } = driver.stream.types.get(type) ?? {};
      expect([...(isWildcard ? ["*"] : []), ...(subscribed ?? [])].join(" ")).toBe(wanted);
    }
  });
});

/**
 * The cases of published suites for clients, as tests of ours.
 *
 * | suite | case | test |
 * |---|---|---|
 * | Envoy, delta and sotw subscription state | SubscribeAndUnsubscribe, RemoveThenAdd, AddThenRemove, AddRemoveAdd, RemoveAddRemove, BothAddAndRemove, CumulativeUpdates | here, "what a server takes the client to want" |
 * | | AckGenerated | here |
 * | | ResourceGoneLeadsToBlankInitialVersion, SubscribeAndUnsubscribeAfterReconnect, InitialVersionMapFirstMessageOnly, CheckUpdatePending | here, ads-client.test.ts |
 * | Envoy, mux | BasicFlow, WatchDemux, ResetStream, DiscoveryResponseNonexistentSub, duplicates | ads-client.test.ts |
 * | | ReconnectionResetsNonceAndAcks, UnwatchedType..., WatcherWithEmptyUpdates, TypeUrlMismatch | here |
 * | | RpcErrorMessageTruncated; TooManyRequests | refusal.test.ts; xds-client.test.ts |
 * | Envoy, ttl | heartbeats are no news | ads-client.test.ts |
 * | grpc-go, ack_nack | Simple, InvalidFirstResponse, ResourceIsNotRequestedAnymore | here |
 * | grpc-go, restart, backoff, watch | all | ads-client.test.ts, "when a stream ends", "of which the server says nothing" |
 * | grpc-go, flow_control | all | xds-client.test.ts |
 * | grpc-go, fallback | OnStartup, MidStartup, MidUpdate, NoUncachedResources | fallback.test.ts, test/xds/fallback.test.ts |
 *
 * Not ours: wildcards (all is asked for by name), TTL that ends (it is not asked for), federation, pausing of types.
 */
import { create } from "@bufbuild/protobuf";
import { describe, expect, it } from "vitest";
import { AdsDriver, news, requests } from "../../../test/xds/ads-driver.ts";
import { clusters, endpoints, textResource } from "../../../test/xds/text-kind.ts";
import { DeltaDiscoveryResponseSchema, DiscoveryResponseSchema } from "../../gen/envoy/service/discovery/v3/discovery_pb.ts";
import type { AdsRequest, AdsVariant } from "./ads-event.ts";

/** The names that a server takes the client to want, after these requests. */
function wantedOf(sent: readonly AdsRequest[]): readonly string[] {
  const names = new Set<string>();
  for (const request of sent) {
    if ("resourceNames" in request) names.clear();
    const [more, less] =
      "resourceNames" in request ? [request.resourceNames, []] : [request.resourceNamesSubscribe, request.resourceNamesUnsubscribe];
    for (const name of less) names.delete(name);
    for (const name of more) names.add(name);
  }
  return [...names].sort();
}

const changes = [
  { title: "SubscribeAndUnsubscribe", steps: ["+4", "-1", "+1", "-3", "-4"], wanted: ["1", "2"] },
  { title: "RemoveThenAdd", steps: ["-3", "+3"], wanted: ["1", "2", "3"] },
  { title: "AddThenRemove", steps: ["+4", "-4"], wanted: ["1", "2", "3"] },
  { title: "AddRemoveAdd", steps: ["+4", "-4", "+4"], wanted: ["1", "2", "3", "4"] },
  { title: "RemoveAddRemove", steps: ["-3", "+3", "-3"], wanted: ["1", "2"] },
  { title: "BothAddAndRemove", steps: ["+4", "-123", "-4", "+123", "+4", "-123"], wanted: ["4"] },
  { title: "CumulativeUpdates", steps: ["+4", "+5"], wanted: ["1", "2", "3", "4", "5"] },
  { title: "all of it", steps: ["-123"], wanted: [] },
];

function change(driver: AdsDriver, step: string): readonly AdsRequest[] {
  const names = [...step.slice(1)];
  return step.startsWith("+") ? driver.subscribe(endpoints, ...names) : driver.unsubscribe(endpoints, ...names);
}

describe.each<AdsVariant>(["delta", "sotw"])("a client of the protocol, %s", (variant) => {
  const isDelta = variant === "delta";

  describe.each(changes)("what a server takes the client to want, $title", ({ steps, wanted }) => {
    it("is what it wanted last, told as it changes", () => {
      const driver = new AdsDriver(variant);
      driver.subscribe(endpoints, "1", "2", "3");
      expect(wantedOf([...driver.opened(), ...steps.flatMap((step) => change(driver, step))])).toEqual(wanted);
    });

    it("is what it wanted last, on the next stream as well", () => {
      const driver = new AdsDriver(variant);
      driver.subscribe(endpoints, "1", "2", "3");
      driver.opened();
      driver.respond(endpoints, ["1=1", "2=1"]);
      driver.closed();
      for (const step of steps) change(driver, step);
      driver.pass(2_000);
      const [first, ...more] = driver.opened();
      expect(wantedOf(first === undefined ? [] : [first])).toEqual(wanted);
      expect(more).toEqual([]);
      if (first !== undefined && "initialResourceVersions" in first) {
        const had = ["1", "2"].filter(
          (name) => wanted.includes(name) && !steps.some((step) => step.startsWith("-") && step.includes(name)),
        );
        expect(Object.keys(first.initialResourceVersions)).toEqual(had);
      }
    });
  });

  it("accepts and refuses each response in its turn, with its nonce and the last version that was good", () => {
    const driver = new AdsDriver(variant);
    driver.subscribe(endpoints, "a", "b");
    driver.opened();
    const answers = [["a=1", "b=1"], ["a=2"], ["a=bad"], ["b=bad"], ["a=3"]].map((texts, index) => {
      const [answer, ...more] = requests(driver.respond(endpoints, texts, { nonce: `n${index}`, version: `v${index}` }));
      expect(more).toEqual([]);
      const version = answer !== undefined && "versionInfo" in answer ? [answer.versionInfo] : [];
      return [answer?.responseNonce, answer?.errorDetail === undefined ? "good" : "bad", ...version];
    });
    const versions = ["v0", "v1", "v1", "v1", "v4"];
    const verdicts = ["good", "good", "bad", "bad", "good"];
    expect(answers).toEqual(verdicts.map((verdict, index) => [`n${index}`, verdict, ...(isDelta ? [] : [versions[index]])]));
  });

  it("refuses a first response with no version, since none was good", () => {
    const driver = new AdsDriver(variant);
    driver.subscribe(endpoints, "a");
    driver.opened();
    const [refusal] = requests(driver.respond(endpoints, ["a=bad"], { nonce: "n", version: "v" }));
    expect(refusal).toMatchObject({ responseNonce: "n", errorDetail: { code: 3 } });
    expect(refusal).not.toHaveProperty("versionInfo", "v");
  });

  it("goes on answering for a type of which it wants nothing any more, and takes nothing of what comes", () => {
    const driver = new AdsDriver(variant);
    driver.subscribe(endpoints, "a");
    driver.opened();
    driver.respond(endpoints, ["a=1"]);
    driver.unsubscribe(endpoints, "a");
    for (const texts of [["a=2"], ["a=bad"], []]) {
      const outputs = driver.respond(endpoints, texts, { nonce: "late" });
      expect(news(outputs)).toEqual([]);
      expect(requests(outputs)).toMatchObject([{ responseNonce: "late" }]);
      expect(requests(outputs)[0]?.errorDetail).toBeUndefined();
    }
    expect(wantedOf(driver.subscribe(endpoints, "a"))).toEqual(["a"]);
  });

  it("takes an empty response for no news, but of clusters in the state of the world", () => {
    const driver = new AdsDriver(variant);
    driver.subscribe(clusters, "a");
    driver.subscribe(endpoints, "a");
    driver.opened();
    driver.respond(clusters, ["a=1"]);
    driver.respond(endpoints, ["a=1"]);
    expect(news(driver.respond(endpoints, []))).toEqual([]);
    expect(news(driver.respond(clusters, []))).toEqual(isDelta ? [] : ["a is missing: removed"]);
  });

  it("refuses what is of another type, and takes nothing for gone because of it", () => {
    const driver = new AdsDriver(variant);
    driver.subscribe(clusters, "a", "b");
    driver.opened();
    driver.respond(clusters, ["a=1", "b=1"]);
    const { typeUrl } = clusters;
    const stray = textResource(endpoints, "a=2");
    const outputs = driver.received(
      isDelta
        ? create(DeltaDiscoveryResponseSchema, { typeUrl, nonce: "n", resources: [{ name: "a", version: "2", resource: stray }] })
        : create(DiscoveryResponseSchema, { typeUrl, nonce: "n", versionInfo: "2", resources: [stray] }),
    );
    expect(requests(outputs)[0]?.errorDetail?.message).toContain("is of type");
    for (const name of ["a", "b"])
      expect(driver.client.resource(typeUrl, name)).toMatchObject({ knowledge: { kind: "found", value: "1" } });
  });

  it("does not answer for a type that it asked for on a stream before, and not on this one: that would ask for everything", () => {
    const driver = new AdsDriver(variant);
    driver.subscribe(clusters, "c");
    driver.subscribe(endpoints, "a");
    driver.opened();
    driver.respond(clusters, ["c=1"]);
    driver.closed();
    driver.unsubscribe(clusters, "c");
    driver.pass(2_000);
    driver.opened();
    expect(driver.respond(clusters, ["c=2"])).toEqual([]);
    expect(driver.subscribe(clusters, "c")).toMatchObject([{ typeUrl: clusters.typeUrl, responseNonce: "" }]);
  });

  it("answers nothing of a stream before on a new one", () => {
    const driver = new AdsDriver(variant);
    driver.subscribe(endpoints, "a");
    driver.opened();
    driver.respond(endpoints, ["a=bad"], { nonce: "old" });
    driver.closed();
    driver.pass(2_000);
    expect(driver.opened()).toMatchObject([{ responseNonce: "" }]);
    expect(driver.subscribe(endpoints, "b")).toMatchObject([{ responseNonce: "" }]);
    expect(driver.subscribe(endpoints, "c")[0]?.errorDetail).toBeUndefined();
  });
});

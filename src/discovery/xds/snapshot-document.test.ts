import { describe, expect, it, test } from "vitest";
import { testEndpoint } from "../../testing/test-endpoint.ts";
import { AddressRules } from "../address-rules.ts";
import { readSnapshot, type ServiceSnapshot, withSnapshot } from "./snapshot-document.ts";

const key = { service: "shop:1", controlPlane: "static:///10.9.9.9:1" };
const locality = { region: "r", zone: "a" };
const endpoint = testEndpoint({
  id: "pod-1",
  address: "10.0.0.1",
  weight: 0.5,
  priority: 1,
  health: "draining",
  locality,
  labels: { shard: "7" },
});
const snapshot: ServiceSnapshot = { ...key, savedAtMs: 1_000, endpoints: [endpoint], config: { policy: { name: "roundRobin" } } };
const rules = new AddressRules();

test("what is written is read, and other services stay, those of the same name elsewhere included", () => {
  const elsewhere = { ...snapshot, controlPlane: "static:///10.8.8.8:1", savedAtMs: 7 };
  const json = withSnapshot(withSnapshot(withSnapshot("", { ...snapshot, service: "cart:1" }), elsewhere), snapshot);
  expect(readSnapshot(json, key, rules)).toEqual(snapshot);
  expect(readSnapshot(json, elsewhere, rules)).toEqual(elsewhere);
  expect(readSnapshot(withSnapshot(json, { ...snapshot, savedAtMs: 2_000 }), key, rules).savedAtMs).toBe(2_000);
});

test("a file is about 1,000 services at most, and the oldest are forgotten", () => {
  let json = "";
  for (let n = 0; n <= 1_000; n++) json = withSnapshot(json, { ...snapshot, service: `s${n}`, endpoints: [] });
  expect(readSnapshot(json, { ...key, service: "s1" }, rules).service).toBe("s1");
  expect(() => readSnapshot(json, { ...key, service: "s0" }, rules)).toThrow(/^it has "s1000" of .*, \.\.\., and not s0 of/);
});

describe("refuses", () => {
  const written = JSON.parse(withSnapshot("", snapshot));
  const [service] = written.services;
  const of = (fields: object) => ({ ...written, services: [{ ...service, ...fields }] });
  it.each<[string, unknown, RegExp]>([
    [
      "another format",
      { ...written, format: "meshless-xds-snapshot-0" },
      /^format: expected "meshless-xds-snapshot-1", got "meshless-xds-snapshot-0"/,
    ],
    ["a list", [], /expected an object/],
    ["null", null, /expected an object/],
    ["a file without services", { ...written, services: undefined }, /^services: expected a list of at most 1000 services, got nothing/],
    ["a service that is no object", { ...written, services: [7] }, /^services\[0\]: expected an object, got 7/],
    [
      "a million services",
      { ...written, services: Array(1_000_000).fill(7) },
      /^services: expected a list of at most 1000 services, got \S+$/,
    ],
    ["no time", of({ savedAtMs: "now" }), /^services\[0\]\.savedAtMs: expected a time in ms, got "now"/],
    ["a time beyond all dates", of({ savedAtMs: 1e300 }), /savedAtMs: expected a time/],
    ["no endpoints", of({ endpoints: undefined }), /^services\[0\]\.endpoints: expected a list of endpoints/],
    ["a bad port", of({ endpoints: [{ ...endpoint, port: 0 }] }), /^services\[0\]\.endpoints\[0\]\.port: /],
    ["a bad weight", of({ endpoints: [{ ...endpoint, weight: -1 }] }), /weight: expected/],
    ["an id twice", of({ endpoints: [endpoint, endpoint] }), /ids must be unique/],
    [
      "an address that may be no endpoint",
      of({ endpoints: [{ ...endpoint, address: "169.254.169.254" }] }),
      /endpoints\[0\]\.address: expected an address that may be/,
    ],
    [
      "a host name",
      of({ endpoints: [{ ...endpoint, address: "metadata.internal" }] }),
      /endpoints\[0\]\.address: expected an address that may be/,
    ],
    ["a configuration that is a text", of({ config: "x" }), /config: expected an object/],
    [
      "the same service of another control plane",
      of({ controlPlane: "static:///10.7.7.7:1" }),
      /^it has "shop:1" of "static:\/\/\/10\.7\.7\.7:1", and not shop:1 of/,
    ],
    ["nobody", { ...written, services: [] }, /^it has no service, and not shop:1 of/],
  ])("%s", (_, document, problem) => {
    expect(() => readSnapshot(JSON.stringify(document), key, rules)).toThrow(problem);
  });

  it.each(["", "{", "\u0000\u0001", "[".repeat(100_000)])("what is no JSON: %j", (json) => {
    expect(() => readSnapshot(json.slice(0, 100_000), key, rules)).toThrow();
  });
});

test("what can't be read is written over", () => {
  for (const json of ["", "{", "null", '{"format":"meshless-xds-snapshot-0"}']) {
    expect(readSnapshot(withSnapshot(json, snapshot), key, rules)).toEqual(snapshot);
  }
});

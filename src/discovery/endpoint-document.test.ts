import fc from "fast-check";
import { expect, test } from "vitest";
import { ConfigurationError } from "../configuration-error.ts";
import { readEndpointDocument } from "./endpoint-document.ts";

const plain = { weight: 1, priority: 0, health: "healthy", labels: {} };

test("fills in the defaults, in a list and in an object with endpoints", () => {
  const list = ["10.0.0.1:80", { address: "::1", port: 81 }, "checkout.shop:82"];
  const endpoints = [
    { id: "10.0.0.1:80", address: "10.0.0.1", port: 80, ...plain },
    { id: "[::1]:81", address: "::1", port: 81, ...plain },
    { id: "checkout.shop:82", address: "checkout.shop", port: 82, ...plain },
  ];
  expect(readEndpointDocument(JSON.stringify(list))).toEqual(endpoints);
  expect(readEndpointDocument(JSON.stringify({ endpoints: list }))).toEqual(endpoints);
});

test("takes every field as it is written", () => {
  const endpoint = {
    id: "pod-7",
    address: "10.0.0.1",
    port: 65535,
    weight: 0.5,
    priority: 2,
    health: "draining",
    locality: { region: "eu", zone: "eu-a" },
    labels: { shard: "7" },
  };
  expect(readEndpointDocument(JSON.stringify([endpoint]))).toEqual([endpoint]);
});

test("a list may be empty", () => {
  expect(readEndpointDocument("[]")).toEqual([]);
});

test("labels have no prototype to be looked up in or to be replaced", () => {
  const [endpoint] = readEndpointDocument(`[{ "address": "10.0.0.1", "port": 80, "labels": { "__proto__": "x" } }]`);
  expect(Object.entries(endpoint?.labels ?? {})).toEqual([["__proto__", "x"]]);
  expect(endpoint?.labels.constructor).toBeUndefined();
});

const hostPort = `expected "host:port" with a port from 1 to 65535, IPv6 in brackets`;

test.each([
  [null, `document: expected a list of endpoints or { "endpoints": [...] }, got null`],
  [{}, "endpoints: expected a list of endpoints, got nothing"],
  [{ endpoints: {} }, "endpoints: expected a list of endpoints, got {}"],
  [{ endpoints: [], extra: 1 }, `document: unknown field "extra"; known are endpoints`],
  [["10.0.0.1"], `[0]: ${hostPort}, got "10.0.0.1"`],
  [["::1:80"], `[0]: ${hostPort}, got "::1:80"`],
  [[7], `[0]: expected "host:port" or an object, got 7`],
  [["10.0.0.1:80", { address: "10.0.0.1", port: 80 }], `[1]: has the id of [0], "10.0.0.1:80"; ids must be unique`],
  [{ endpoints: ["a:1", "b:2", { address: "c", port: 0 }] }, "endpoints[2].port: expected 1 to 65535, got 0"],
])("%j is refused", (document, message) => {
  expect(() => readEndpointDocument(JSON.stringify(document))).toThrow(new ConfigurationError(message));
});

const name = "expected 1 to 256 characters, none of them control characters";

test.each([
  [{ address: undefined }, "[0].address: expected an IP address or a host name, got nothing"],
  [{ address: "10.0.0.1:80" }, `[0].address: expected an IP address or a host name, got "10.0.0.1:80"`],
  [{ port: "80" }, `[0].port: expected 1 to 65535, got "80"`],
  [{ port: 80.5 }, "[0].port: expected 1 to 65535, got 80.5"],
  [{ wieght: 1 }, `[0]: unknown field "wieght"; known are id, address, port, weight, priority, health, locality, labels`],
  [{ id: "" }, `[0].id: ${name}, got ""`],
  [{ id: "a\nb" }, `[0].id: ${name}, got "a\\nb"`],
  [{ id: "x".repeat(257) }, `[0].id: ${name}, got "${"x".repeat(79)}…`],
  [{ weight: 0 }, "[0].weight: expected above 0 to 4294967295, got 0"],
  [{ weight: 2 ** 32 }, "[0].weight: expected above 0 to 4294967295, got 4294967296"],
  [{ priority: -1 }, "[0].priority: expected a whole number from 0 to 127, got -1"],
  [{ priority: 128 }, "[0].priority: expected a whole number from 0 to 127, got 128"],
  [{ health: "sick" }, `[0].health: expected healthy, unhealthy, draining, got "sick"`],
  [{ locality: "eu-a" }, `[0].locality: expected an object with region and zone, got "eu-a"`],
  [{ locality: { region: "eu" } }, `[0].locality.zone: ${name}, got nothing`],
  [{ locality: { region: "eu", zone: "a", rack: "1" } }, `[0].locality: unknown field "rack"; known are region, zone`],
  [{ labels: ["7"] }, `[0].labels: expected an object of texts, got ["7"]`],
  [{ labels: { shard: 7 } }, `[0].labels["shard"]: ${name}, got 7`],
  [{ labels: Object.fromEntries(Array.from({ length: 65 }, (_, i) => [`l${i}`, "x"])) }, "[0].labels: expected at most 64 labels, got 65"],
])("a field %j is refused", (fields, message) => {
  expect(() => readEndpointDocument(JSON.stringify([{ address: "10.0.0.1", port: 80, ...fields }]))).toThrow(
    new ConfigurationError(message),
  );
});

test("whatever the JSON says, the answer is sound endpoints or a ConfigurationError", () => {
  const field = fc.oneof(fc.jsonValue(), fc.constantFrom("10.0.0.1", "a:1", 80, "healthy", { region: "r", zone: "z" }));
  const endpoint = fc.record(
    { id: field, address: field, port: field, weight: field, labels: field, locality: field },
    { requiredKeys: [] },
  );
  fc.assert(
    fc.property(fc.oneof(fc.jsonValue(), fc.array(fc.oneof(endpoint, field))), (document) => {
      try {
        for (const { id, address, port, weight } of readEndpointDocument(JSON.stringify(document))) {
          expect(typeof id === "string" && typeof address === "string" && port >= 1 && port <= 65535 && weight > 0).toBe(true);
        }
      } catch (error) {
        expect(error).toBeInstanceOf(ConfigurationError);
      }
    }),
    { seed: 7, numRuns: 1_000 },
  );
});

import { create } from "@bufbuild/protobuf";
import { AnySchema } from "@bufbuild/protobuf/wkt";
import { describe, expect, it } from "vitest";
import { checkUpdate } from "../../src/discovery/checked-update.ts";
import type { ResourceKind } from "../../src/discovery/xds/resource-kind.ts";
import { patched } from "../../src/discovery/xds/resource-patch.ts";
import { clusterKind, endpointsKind, listenerKind, routesKind } from "../../src/discovery/xds/xds-kinds.ts";
import { fuzz } from "./fuzz.ts";

/** Each number in a value, however deep, but for those that the value itself may leave open. */
function numbers(value: unknown): readonly number[] {
  if (typeof value === "number") return [value];
  return typeof value === "object" && value !== null ? Object.values(value).flatMap(numbers) : [];
}

function readAny<Value>(kind: ResourceKind<Value>, input: Uint8Array): Value | undefined {
  const reading = kind.read(input);
  if (reading.kind === "good") {
    expect(reading.name).not.toBe("");
    expect(numbers(reading.value).every((number) => Number.isFinite(number) && number >= 0)).toBe(true);
    return reading.value;
  }
  expect(reading.problems.length).toBeGreaterThan(0);
  expect(reading.problems.length).toBeLessThanOrEqual(21);
  expect(Math.max(...reading.problems.map((problem) => problem.length))).toBeLessThan(5_000);
  return undefined;
}

describe("whatever a control plane sends", () => {
  it("as endpoints is a set that every transport takes, or is refused with the reason", async () => {
    await fuzz("xds-endpoints", (input) => {
      const value = readAny(endpointsKind, input);
      if (value !== undefined) checkUpdate({ endpoints: value.endpoints, exists: true });
    });
  });

  it.each([
    ["cluster", clusterKind],
    ["listener", listenerKind],
    ["routes", routesKind],
  ] as const)("as %s is one with numbers that make sense, or is refused with the reason", async (name, kind) => {
    await fuzz(`xds-${name}`, (input) => {
      readAny<unknown>(kind, input);
    });
  });

  it("as a change of a resource makes one of no more bytes than both have, or is refused", async () => {
    const before = { version: "7", bytes: Buffer.from("0123456789".repeat(20)) };
    await fuzz("xds-patch", (input) => {
      const value = attempt(() => patched(create(AnySchema, { value: input }), before));
      expect(value?.length ?? 0).toBeLessThanOrEqual(before.bytes.length + input.length);
    });
  });
});

function attempt<Value>(make: () => Value): Value | undefined {
  try {
    return make();
  } catch (error) {
    expect(error).toBeInstanceOf(Error);
    return undefined;
  }
}

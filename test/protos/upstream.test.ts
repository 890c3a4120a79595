import { execFileSync } from "node:child_process";
import { createFileRegistry, type DescEnum, type DescMessage, type DescService, fromBinary } from "@bufbuild/protobuf";
import { FileDescriptorSetSchema } from "@bufbuild/protobuf/wkt";
import { describe, expect, it } from "vitest";
import { shapeOf, shapeOfUpstream } from "./shape.ts";
import { readUpstream } from "./upstream.ts";

/** What others have laid down. Google's own types come with protobuf. */
const isGiven = (file: string) => /^(envoy|xds|grpc\/health|google\/rpc)\//.test(file);

const image = execFileSync("buf", ["build", "--exclude-source-info", "--output", "-"]);
const registry = createFileRegistry(fromBinary(FileDescriptorSetSchema, image));
const ours = [...registry].filter((type) => type.kind !== "extension").filter(({ file }) => isGiven(`${file.name}.proto`));
const upstream = readUpstream([...new Set(ours.map(({ file }) => `${file.name}.proto`))]);

describe("proto/", () => {
  it("has something of every part of the protocol", () => {
    const services = ours.filter(({ kind }) => kind === "service").map(({ name }) => name);
    expect(services).toEqual(expect.arrayContaining(["AggregatedDiscoveryService", "LoadReportingService", "OpenRcaService", "Health"]));
    expect(ours.length).toBeGreaterThan(90);
  });

  it.each(ours.map((type) => [type.typeName, type] as const))("%s says nothing that upstream does not say", (typeName, type) => {
    const given = upstream.lookup(typeName);
    if (given === null) throw new Error(`upstream has no ${typeName}`);
    expect(shapeOfUpstream(given)).toMatchObject(shapeOf(type as DescMessage | DescEnum | DescService));
  });
});

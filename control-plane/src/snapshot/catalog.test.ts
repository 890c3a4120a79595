import { fromBinary } from "@bufbuild/protobuf";
import { describe, expect, it } from "vitest";
import { testService } from "../../../test/control-plane/test-service.ts";
import { ClusterSchema } from "../gen/envoy/config/cluster/v3/cluster_pb.ts";
import { ClusterLoadAssignmentSchema } from "../gen/envoy/config/endpoint/v3/endpoint_pb.ts";
import { ClusterConfigSchema } from "../gen/envoy/extensions/clusters/aggregate/v3/cluster_pb.ts";
import { resourceTypes } from "../resource.ts";
import { Catalog, type CatalogOptions } from "./catalog.ts";

/** A catalog, and what it says has changed. */
function newCatalog(options?: CatalogOptions) {
  const changed: string[] = [];
  const catalog = new Catalog((changes) => changed.push(...changes.map(({ type, name }) => `${type} ${name}`)), options);
  const names = (type: (typeof resourceTypes)[number]) => [...catalog.all(type)].map(({ name }) => name).sort();
  const addresses = (name: string) => {
    const resource = catalog.get("endpoints", name);
    if (resource === undefined) return undefined;
    const { clusterName, endpoints } = fromBinary(ClusterLoadAssignmentSchema, resource.any.value);
    expect(clusterName).toBe(name);
    return endpoints.flatMap(({ lbEndpoints }) =>
      lbEndpoints.map(({ hostIdentifier: { value } }) => value?.address?.address.value?.address),
    );
  };
  const children = (name: string) => {
    const { clusterDiscoveryType: type } = fromBinary(ClusterSchema, catalog.get("cluster", name)?.any.value ?? new Uint8Array());
    return type.case === "clusterType"
      ? fromBinary(ClusterConfigSchema, type.value.typedConfig?.value ?? new Uint8Array()).clusters
      : type.case;
  };
  return { catalog, changed, names, addresses, children };
}

const one = (address: string) => ({ endpoints: [`${address}:80`] });

describe("a catalog", () => {
  it("has a service by its name, by its host alone, and its endpoints by its port's name", () => {
    const { catalog, names } = newCatalog();
    catalog.put(testService("a.b:80", { ...one("10.0.0.1"), portName: "grpc" }));
    expect(names("cluster")).toEqual(["a.b:80"]);
    expect(names("endpoints")).toEqual(["a.b", "a.b:80", "a.b:grpc"]);
    expect(names("listener")).toEqual(["a.b", "a.b:80"]);
    expect(names("routes")).toEqual(["a.b", "a.b:80"]);
  });

  it("takes the port named for gRPC for the host, or else the lowest, whichever came first", () => {
    const { catalog, addresses } = newCatalog();
    catalog.put(testService("a.b:90", one("10.0.0.90")));
    expect(addresses("a.b")).toEqual(["10.0.0.90"]);
    catalog.put(testService("a.b:80", one("10.0.0.80")));
    expect(addresses("a.b")).toEqual(["10.0.0.80"]);
    catalog.put(testService("a.b:91", { ...one("10.0.0.91"), portName: "grpc" }));
    expect(addresses("a.b")).toEqual(["10.0.0.91"]);
    catalog.delete("a.b:91");
    catalog.delete("a.b:80");
    expect(addresses("a.b")).toEqual(["10.0.0.90"]);
  });

  it("has a service with fallbacks as priorities, and as a cluster of clusters, beside the one that never changes its kind", () => {
    const { catalog, addresses, children, names } = newCatalog();
    catalog.put(testService("a.b:80", { ...one("10.0.0.1"), fallback: ["f.b:80", "g.b:80"] }));
    expect([children("a.b:80"), children("a.b:80/fallback"), addresses("a.b:80")]).toEqual(["type", ["a.b:80/own"], ["10.0.0.1"]]);
    catalog.put(testService("g.b:80", one("10.0.0.3")));
    catalog.put(testService("f.b:80", { ...one("10.0.0.2"), fallback: ["g.b:80"] }));
    expect(children("a.b:80/fallback")).toEqual(["a.b:80/own", "f.b:80/own", "g.b:80/own"]);
    expect([addresses("a.b:80"), addresses("a.b:80/own"), addresses("g.b:80/own")]).toEqual([
      ["10.0.0.1", "10.0.0.2", "10.0.0.3"],
      ["10.0.0.1"],
      ["10.0.0.3"],
    ]);
    catalog.put(testService("f.b:80", one("10.0.0.2")));
    catalog.put(testService("a.b:80", one("10.0.0.1")));
    expect([children("a.b:80"), addresses("a.b:80")]).toEqual(["type", ["10.0.0.1"]]);
    expect(names("cluster")).toEqual(["a.b:80", "f.b:80", "g.b:80"]);
    expect(names("endpoints").filter((name) => name.endsWith("/own"))).toEqual([]);
  });

  it("always has what a service with fallbacks needs, for clients that still use it; lists it only while the service has some", () => {
    const { catalog, addresses, children, names } = newCatalog();
    catalog.put(testService("a.b:80", one("10.0.0.1")));
    expect([children("a.b:80/own"), addresses("a.b:80/own"), children("a.b:80/fallback")]).toEqual(["type", ["10.0.0.1"], ["a.b:80/own"]]);
    expect(names("cluster")).toEqual(["a.b:80"]);
    catalog.put(testService("a.b:80", { ...one("10.0.0.1"), fallback: ["f.b:80"] }));
    expect(names("cluster")).toEqual(["a.b:80", "a.b:80/fallback", "a.b:80/own"]);
  });

  it("has a service under the names that Kubernetes has for it, lists none of them, and says when they change", () => {
    const { catalog, addresses, names, changed } = newCatalog();
    catalog.put(testService("a.b:80", { ...one("10.0.0.1"), portName: "grpc" }));
    for (const name of ["a.b.svc:80", "a.b.svc.cluster.local:80", "a.b.svc.cluster.local:grpc", "a.b.svc"]) {
      expect(addresses(name)).toEqual(["10.0.0.1"]);
    }
    expect(catalog.get("listener", "a.b.svc:80")).toBe(catalog.get("listener", "a.b.svc:80"));
    expect(catalog.get("cluster", "a.b.svc:80")).toBeUndefined();
    expect(catalog.get("listener", "a.b.svc:81")).toBeUndefined();
    expect(names("listener")).toEqual(["a.b", "a.b:80"]);
    changed.length = 0;
    catalog.put(testService("a.b:80", one("10.0.0.2")));
    expect(changed).toEqual(
      expect.arrayContaining(["listener a.b.svc:80", "endpoints a.b.svc.cluster.local:80", "endpoints a.b.svc:grpc"]),
    );
    expect([addresses("a.b.svc:80"), addresses("a.b.svc:grpc")]).toEqual([["10.0.0.2"], undefined]);
  });

  it("says whose clients may have a resource: the service's, and of what it falls back on, those of both", () => {
    const { catalog } = newCatalog();
    catalog.put(testService("a.b:80", { ...one("10.0.0.1"), fallback: ["f.b:80"] }));
    catalog.put(testService("f.b:80", one("10.0.0.2")));
    const services = (name: string) => catalog.get("endpoints", name)?.services;
    expect(["a.b", "a.b:80/own", "f.b:80", "f.b:80/own", "f.b.svc:80"].map(services)).toEqual([
      ["a.b:80"],
      ["a.b:80"],
      ["f.b:80"],
      ["f.b:80", "a.b:80"],
      ["f.b:80"],
    ]);
    catalog.put(testService("a.b:80", one("10.0.0.1")));
    expect(services("f.b:80/own")).toEqual(["f.b:80"]);
  });

  it("leads clients of a service to a fallback only where they may be, and looks again when its clients change", () => {
    const mayFallBack: CatalogOptions["mayFallBack"] = (_, { clients }) => clients?.includes("a") ?? false;
    const { catalog, changed, addresses, children } = newCatalog({ mayFallBack });
    const servicesOf = (name: string) => catalog.get("endpoints", name)?.services;
    catalog.put(testService("s.a:80", { ...one("10.0.0.1"), fallback: ["s.b:80"] }));
    catalog.put(testService("s.b:80", one("10.0.0.2")));
    expect([addresses("s.a:80"), children("s.a:80/fallback")]).toEqual([["10.0.0.1"], ["s.a:80/own"]]);
    expect(servicesOf("s.b:80/own")).toEqual(["s.b:80"]);
    changed.length = 0;
    catalog.put(testService("s.b:80", { ...one("10.0.0.2"), clients: ["a"] }));
    expect([addresses("s.a:80"), servicesOf("s.b:80/own")]).toEqual([
      ["10.0.0.1", "10.0.0.2"],
      ["s.b:80", "s.a:80"],
    ]);
    expect(changed).toContain("endpoints s.a:80");
  });

  it("knows the clients of a service as long as anything of it is served, and looks again at what it falls back on when they change", () => {
    const { catalog, changed } = newCatalog();
    catalog.put(testService("a.b:80", { ...one("10.0.0.1"), clients: ["c"], fallback: ["f.b:80"] }));
    catalog.put(testService("f.b:80", one("10.0.0.2")));
    changed.length = 0;
    catalog.put(testService("a.b:80", { ...one("10.0.0.1"), clients: ["d"], fallback: ["f.b:80"] }));
    expect(catalog.clientsOf("a.b:80")).toEqual(["d"]);
    expect(changed).toContain("endpoints f.b:80/own");
    catalog.delete("a.b:80");
    expect([catalog.get("cluster", "a.b:80")?.name, catalog.clientsOf("a.b:80"), catalog.clientsOf("x.y:80")]).toEqual([
      "a.b:80",
      ["d"],
      [],
    ]);
  });

  it("asks clients to report their load if it is told to", () => {
    for (const reportsLoad of [false, true]) {
      const catalog = new Catalog(() => {}, { reportsLoad });
      catalog.put(testService("a.b:80"));
      const cluster = fromBinary(ClusterSchema, catalog.get("cluster", "a.b:80")?.any.value ?? new Uint8Array());
      expect(cluster.lrsServer?.configSourceSpecifier.case).toBe(reportsLoad ? "self" : undefined);
    }
  });

  it("changes what a service is a part of, and nothing else", () => {
    const { catalog, changed } = newCatalog();
    for (let index = 0; index < 100; index++) catalog.put(testService(`s${index}.b:80`, one("10.0.0.1")));
    catalog.put(testService("a.b:80", { ...one("10.0.0.1"), fallback: ["s7.b:80"] }));
    changed.length = 0;
    catalog.put(testService("s8.b:80", one("10.0.0.2")));
    expect(changed.map((text) => text.split(" ")[1])).toEqual(expect.arrayContaining(["s8.b", "s8.b:80"]));
    expect(changed.filter((text) => !text.includes("s8.b"))).toEqual([]);
    changed.length = 0;
    catalog.put(testService("s7.b:80", one("10.0.0.2")));
    expect(new Set(changed.map((text) => text.split(" ")[1]).filter((name) => !name?.includes(".svc")))).toEqual(
      new Set(["s7.b", "s7.b:80", "s7.b:80/own", "s7.b:80/fallback", "a.b", "a.b:80", "a.b:80/own", "a.b:80/fallback"]),
    );
  });

  it("has the same versions as every other replica, whatever happened before, and another one for every other content", () => {
    const versions = ({ catalog }: ReturnType<typeof newCatalog>) =>
      resourceTypes.flatMap((type) => [...catalog.all(type)].map(({ name, version }) => `${type} ${name} ${version}`)).sort();
    const services = [testService("a.b:80", { ...one("10.0.0.1"), fallback: ["c.d:80"] }), testService("c.d:80", one("10.0.0.2"))];
    const [first, second, third] = [newCatalog(), newCatalog(), newCatalog()];
    for (const service of services) first.catalog.put(service);
    second.catalog.put(testService("c.d:80", one("10.0.0.3")));
    for (const service of services.toReversed()) second.catalog.put(service);
    for (const service of services) third.catalog.put({ ...service, endpoints: [] });
    expect(versions(first)).toEqual(versions(second));
    expect(versions(third)).not.toEqual(versions(first));
    expect(new Set(versions(first).map((text) => text.split(" ")[2])).size).toBe(versions(first).length);
  });

  it("keeps cluster, listener and routes of a service that is gone, and not its endpoints", () => {
    const { catalog, names } = newCatalog();
    const before = testService("a.b:80", one("10.0.0.1"));
    catalog.put(before);
    const listener = catalog.get("listener", "a.b:80");
    catalog.delete("a.b:80");
    catalog.delete("a.b:80");
    expect(resourceTypes.map(names)).toEqual([["a.b:80"], [], ["a.b", "a.b:80"], ["a.b", "a.b:80"]]);
    catalog.put(before);
    expect(catalog.get("listener", "a.b:80")?.version).toBe(listener?.version);
    expect(names("endpoints")).toEqual(["a.b", "a.b:80"]);
  });

  it("gives the host's name of a service that is gone to another port of that host", () => {
    const { catalog, addresses } = newCatalog();
    catalog.put(testService("a.b:80", one("10.0.0.80")));
    catalog.delete("a.b:80");
    catalog.put(testService("a.b:90", one("10.0.0.90")));
    expect(addresses("a.b")).toEqual(["10.0.0.90"]);
    catalog.put(testService("a.b:80", one("10.0.0.80")));
    expect(addresses("a.b")).toEqual(["10.0.0.80"]);
  });

  it("remembers so many services that are gone, and not more", () => {
    const { catalog, names } = newCatalog();
    for (let index = 0; index < 10_100; index++) {
      catalog.put(testService(`s${index}.b:80`));
      catalog.delete(`s${index}.b:80`);
    }
    expect(names("cluster")).toHaveLength(10_000);
  });
});

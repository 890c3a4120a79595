import { describe, expect, it } from "vitest";
import { readServices } from "../../control-plane/src/registry/read-services.ts";
import { resourceTypes } from "../../control-plane/src/resource.ts";
import { Catalog } from "../../control-plane/src/snapshot/catalog.ts";
import { ConfigurationError } from "../../src/configuration-error.ts";
import { bootstrapOf } from "../../src/discovery/xds/bootstrap.ts";
import { clusterKind, endpointsKind, listenerKind, routesKind } from "../../src/discovery/xds/xds-kinds.ts";
import { fuzz } from "./fuzz.ts";

/** A document costs ten times what a message does. */
const SHARE = 1 / 10;

const kinds = { cluster: clusterKind, endpoints: endpointsKind, listener: listenerKind, routes: routesKind };

describe("whatever an operator writes", () => {
  it("as a bootstrap of gRPC's has a control plane, or is refused with the field", async () => {
    await fuzz(
      "xds-bootstrap",
      (input) => {
        const text = input.toString();
        // An empty variable is none.
        if (text === "") return;
        try {
          const { servers, node } = bootstrapOf({}, { GRPC_XDS_BOOTSTRAP_CONFIG: text }, undefined);
          expect(servers.length).toBeGreaterThan(0);
          for (const { target } of servers) expect(target).toMatch(/^(dns|static):/);
          expect(typeof node.id).toBe("string");
        } catch (error) {
          expect(error).toBeInstanceOf(ConfigurationError);
          expect((error as Error).message).toMatch(/^GRPC_XDS_BOOTSTRAP_CONFIG/);
        }
      },
      SHARE,
    );
  }, 60_000);

  it("as a file of services is served, and taken by the SDK's client, or is refused with the file", async () => {
    await fuzz(
      "services",
      (input) => {
        let services: ReturnType<typeof readServices>;
        try {
          services = readServices("services.yaml", input.toString());
        } catch (error) {
          expect((error as Error).message).toMatch(/^services\.yaml:/);
          return;
        }
        const catalog = new Catalog(() => {});
        for (const service of services.values()) catalog.put(service);
        for (const type of resourceTypes) {
          for (const { name, any } of catalog.all(type)) expect(kinds[type].read(any.value)).toMatchObject({ kind: "good", name });
        }
      },
      SHARE,
    );
  }, 60_000);
});

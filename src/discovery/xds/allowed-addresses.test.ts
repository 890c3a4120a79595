import { expect, it } from "vitest";
import { addressesAllowedTo } from "./allowed-addresses.ts";

it.each(["static:///127.0.0.1:18000", "static:///[::1]:18000,127.0.0.2:1", "dns:///localhost:18000", "dns:///plane.localhost:18000"])(
  "a control plane at %s may name endpoints on loopback",
  (target) => expect(addressesAllowedTo(target)).toEqual(["127.0.0.0/8", "::1"]),
);

it.each([
  "static:///10.0.0.1:18000",
  "static:///127.0.0.1:1,10.0.0.1:1",
  "dns:///control-plane.infra:18000",
  "dns:///localhost.example:1",
  "dns:///_xds._tcp.infra",
])("a control plane at %s may not", (target) => expect(addressesAllowedTo(target)).toEqual([]));

import { expect, test } from "vitest";
import { ConfigurationError } from "../configuration-error.ts";
import { parseDnsName } from "./dns-name.ts";

test.each([
  ["checkout.shop:8080", { kind: "host", host: "checkout.shop", port: 8080 }],
  ["10.0.0.1:80", { kind: "literal", address: "10.0.0.1", port: 80 }],
  ["[2001:db8::1]:80", { kind: "literal", address: "2001:db8::1", port: 80 }],
  ["_grpc._tcp.checkout.shop", { kind: "srv", name: "_grpc._tcp.checkout.shop" }],
])("%s", (name, parsed) => {
  expect(parseDnsName(name)).toEqual(parsed);
});

test.each([
  ["checkout.shop", "dns: checkout.shop has no port; write dns:///checkout.shop:8080, or for SRV dns:///_grpc._tcp.checkout.shop"],
  ["10.0.0.1", "dns: 10.0.0.1 has no port; write dns:///10.0.0.1:8080"],
  ["[::1]", "dns: ::1 has no port; write dns:///[::1]:8080"],
  ["checkout.shop:grpc", `dns: checkout.shop has a bad port, "grpc": a port's name needs SRV; write dns:///_grpc._tcp.checkout.shop`],
  ["checkout.shop:0", `dns: checkout.shop has a bad port, "0": it must be 1 to 65535`],
  ["::1", `dns: "::1" is no host and port; write dns:///[::1]:8080`],
  ["/checkout.shop:80", `dns: "/checkout.shop:80" is no host and port; write dns:///checkout.shop:8080`],
  ["a b:80", `dns: "a b:80" is no host and port; write dns:///checkout.shop:8080`],
  ["10.0.0.256:80", `dns: "10.0.0.256:80" is no host and port; write dns:///checkout.shop:8080`],
  [
    "_grpc._tcp.checkout.shop:8080",
    "dns: _grpc._tcp.checkout.shop is an SRV name, which brings its own ports; write dns:///_grpc._tcp.checkout.shop without :8080",
  ],
])("%j is refused", (name, message) => {
  expect(() => parseDnsName(name)).toThrow(new ConfigurationError(message));
});

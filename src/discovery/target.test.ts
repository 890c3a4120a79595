import { expect, test } from "vitest";
import { ConfigurationError } from "../configuration-error.ts";
import { parseTarget } from "./target.ts";

test.each([
  ["dns:///checkout.shop:8080", "dns", "checkout.shop:8080"],
  ["dns:checkout.shop:8080", "dns", "checkout.shop:8080"],
  ["DNS:///checkout.shop:8080", "dns", "checkout.shop:8080"],
  ["dns:///[::1]:80", "dns", "[::1]:80"],
  ["dns:///_grpc._tcp.checkout.shop", "dns", "_grpc._tcp.checkout.shop"],
  ["xds:///checkout.shop:grpc", "xds", "checkout.shop:grpc"],
  ["static:///10.0.0.1:80,10.0.0.2:80", "static", "10.0.0.1:80,10.0.0.2:80"],
  ["static:10.0.0.1:80,[::1]:80", "static", "10.0.0.1:80,[::1]:80"],
  ["file:///etc/endpoints.json", "file", "/etc/endpoints.json"],
  ["file:///etc/with%20space.json", "file", "/etc/with space.json"],
  ["file:/etc/endpoints.json", "file", "/etc/endpoints.json"],
  ["file:relative/100%.json", "file", "relative/100%.json"],
])("%s", (target, scheme, name) => {
  expect(parseTarget(target)).toEqual({ scheme, name });
});

test.each([
  ["", `target "" has no scheme; write "dns:///checkout.shop:8080"`],
  ["checkout.shop:8080", `target "checkout.shop:8080" has no scheme; write "dns:///checkout.shop:8080"`],
  ["localhost:8080", `target "localhost:8080" has no scheme; write "dns:///localhost:8080"`],
  ["checkout.shop:grpc", `target "checkout.shop:grpc" has no scheme; write "dns:///checkout.shop:8080"`],
  ["10.0.0.1:80", `target "10.0.0.1:80" has no scheme; write "dns:///10.0.0.1:80"`],
  ["[::1]:80", `target "[::1]:80" has no scheme; write "dns:///[::1]:80"`],
  ["10.0.0.1:80,10.0.0.2:80", `target "10.0.0.1:80,10.0.0.2:80" has no scheme; write "static:///10.0.0.1:80,10.0.0.2:80"`],
  ["/etc/endpoints.json", `target "/etc/endpoints.json" has no scheme; write "file:/etc/endpoints.json"`],
  ["http://checkout.shop:8080/pay", `target "http://checkout.shop:8080/pay" is a URL; write "dns:///checkout.shop:8080", with a port`],
  ["consul:///checkout", `target "consul:///checkout" has an unknown scheme, "consul"; known are xds:, dns:, static:, file:`],
  ["my.consul:///checkout", `target "my.consul:///checkout" has an unknown scheme, "my.consul"; known are xds:, dns:, static:, file:`],
  ["dns:///", `target "dns:///" names nothing; write "dns:///checkout.shop:8080"`],
  ["xds:", `target "xds:" names nothing; write "xds:///checkout.shop:grpc"`],
  ["static:///", `target "static:///" names nothing; write "static:///10.0.0.1:80,10.0.0.2:80"`],
  ["file:///", `target "file:///" names nothing; write "file:///etc/endpoints.json"`],
  ["dns://checkout.shop:80", `target "dns://checkout.shop:80" has two slashes where three are needed; write "dns:///checkout.shop:80"`],
  [
    "dns://8.8.8.8/checkout.shop:80",
    `target "dns://8.8.8.8/checkout.shop:80" has an authority, "8.8.8.8", which is not supported; write "dns:///checkout.shop:80" with three slashes`,
  ],
  [
    "file://etc/endpoints.json",
    `target "file://etc/endpoints.json" has an authority, "etc", which is not supported; write "file:///etc/endpoints.json" with three slashes`,
  ],
])("%j is refused", (target, message) => {
  expect(() => parseTarget(target)).toThrow(new ConfigurationError(message));
});

test("a file URL that cannot be decoded is refused", () => {
  expect(() => parseTarget("file:///100%.json")).toThrow(
    /^target "file:\/\/\/100%.json" is no valid file URL \(.+\); write "file:\/\/\/etc\/endpoints.json"$/,
  );
});

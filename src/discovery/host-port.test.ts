import { expect, test } from "vitest";
import { hostAndPort } from "../host-and-port.ts";
import { isHost, splitHostPort, toPort } from "./host-port.ts";

test.each([
  ["10.0.0.1:80", { host: "10.0.0.1", port: "80" }],
  ["[::1]:80", { host: "::1", port: "80" }],
  ["checkout.shop:grpc", { host: "checkout.shop", port: "grpc" }],
  ["checkout.shop", { host: "checkout.shop", port: undefined }],
  ["checkout.shop:", { host: "checkout.shop", port: "" }],
  ["", undefined],
  [":80", undefined],
  ["::1", undefined],
  ["::1:80", undefined],
  ["[10.0.0.1]:80", undefined],
  ["[::1", undefined],
  ["[::1]80", undefined],
  ["a:80:90", undefined],
])("splits %j", (text, parts) => {
  expect(splitHostPort(text)).toEqual(parts);
});

test.each([
  ["10.0.0.1", 80, "10.0.0.1:80"],
  ["::1", 80, "[::1]:80"],
  ["checkout.shop", 80, "checkout.shop:80"],
])("joins %s and %d", (host, port, text) => {
  expect(hostAndPort(host, port)).toBe(text);
});

test.each(["checkout", "checkout.shop.", "my_service", "10.0.0.1", "::1", "fe80::1%eth0", "xn--bcher-kva.example", "4chan.org"])(
  "%j is a host",
  (text) => {
    expect(isHost(text)).toBe(true);
  },
);

test.each([
  "",
  ".",
  "a..b",
  "-a",
  "a.-b",
  "a b",
  "a/b",
  "a\n",
  "bücher.example",
  "10.0.0",
  "10.0.0.256",
  "1",
  `${"a".repeat(64)}.shop`,
  "a.".repeat(130),
])("%j is no host", (text) => {
  expect(isHost(text)).toBe(false);
});

test.each([
  ["1", 1],
  ["65535", 65535],
  ["0", undefined],
  ["65536", undefined],
  ["", undefined],
  ["+80", undefined],
  ["8e1", undefined],
  ["grpc", undefined],
])("port %j", (text, port) => {
  expect(toPort(text)).toBe(port);
});

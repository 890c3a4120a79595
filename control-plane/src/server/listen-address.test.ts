import { expect, test } from "vitest";
import { parseListenAddress } from "./listen-address.ts";

test.each([
  ["127.0.0.1:18000", { host: "127.0.0.1", port: 18_000 }],
  ["[::1]:0", { host: "::1", port: 0 }],
  ["localhost:1", { host: "localhost", port: 1 }],
  // Not "::", which can't be listened at where there is no IPv6.
  [":18000", { host: undefined, port: 18_000 }],
])("%s", (text, address) => {
  expect(parseListenAddress(text)).toEqual(address);
});

test.each(["18000", "[x]:1", "a:65536", ""])("%s is refused", (text) => {
  expect(() => parseListenAddress(text)).toThrow(/expected an address with a port/);
});

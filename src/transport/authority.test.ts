import { expect, test } from "vitest";
import { authorityOf, checkAuthority, hostOf } from "./authority.ts";

test.each([
  ["checkout.shop:8080", "checkout.shop:8080"],
  ["checkout.shop", "checkout.shop"],
  ["checkout.shop:grpc", "checkout.shop"],
  ["_grpc._tcp.checkout.shop", "checkout.shop"],
  ["10.0.0.1:80", "10.0.0.1:80"],
  ["[fd00::1]:80", "[fd00::1]:80"],
  ["[fd00::1]", "[fd00::1]"],
])("the authority of %s is %s, which new URL accepts", (name, authority) => {
  expect(authorityOf(name)).toBe(authority);
  expect(() => new URL(`http://${authorityOf(name)}`)).not.toThrow();
});

test.each(["a:b", "user@host", "host/path", "", "host:", "host:99999", "[::1%25eth0]:80", "a b", "host?x", "fd00::1"])(
  "%j is refused as an authority, with the right form",
  (authority) => {
    expect(checkAuthority(authority, "authority")).toEqual([expect.stringContaining('such as "checkout.shop" or "checkout.shop:8080"')]);
  },
);

test.each(["checkout.shop", "checkout.shop:8080", "10.0.0.1:80", "[fd00::1]:80"])("%s is fine as an authority", (authority) => {
  expect(checkAuthority(authority, "authority")).toEqual([]);
});

test("the host of an authority has no port and no brackets", () => {
  expect(["a.b:80", "a.b", "[fd00::1]:80", "[fd00::1]"].map(hostOf)).toEqual(["a.b", "a.b", "fd00::1", "fd00::1"]);
});

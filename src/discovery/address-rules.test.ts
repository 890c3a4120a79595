import { describe, expect, it } from "vitest";
import { AddressRules } from "./address-rules.ts";

describe("address rules", () => {
  const rules = new AddressRules();

  it.each([
    "10.0.0.1",
    "192.168.1.1",
    "172.16.0.1",
    "100.64.0.1",
    "8.8.8.8",
    "fd00::1",
    "2001:db8::1",
    "::ffff:10.0.0.1",
    "64:ff9b::8.8.8.8",
  ])("let a service be at %s", (address) => expect(rules.allows(address)).toBe(true));

  it.each([
    "127.0.0.1",
    "127.255.255.254",
    "0.0.0.0",
    "169.254.169.254",
    "168.63.129.16",
    "100.100.100.200",
    "224.0.0.1",
    "255.255.255.255",
    "::",
    "::1",
    "fe80::1",
    "ff02::1",
    "fd00:ec2::254",
    "::ffff:127.0.0.1",
    "::ffff:a9fe:a9fe",
    "::169.254.169.254",
    "64:ff9b::169.254.169.254",
    "64:ff9b::7f00:1",
    "fd20:ce::254",
    "fe80::1%eth0",
    "::1%lo",
    "localhost",
    "",
    "0:0:0:0:0:0:0:1",
  ])("refuse %s", (address) => expect(rules.allows(address)).toBe(false));

  it("allow what they are told to, and no more", () => {
    const some = new AddressRules(["127.0.0.0/8", "fe80::1"]);
    expect(["127.0.0.1", "fe80::1", "::ffff:127.0.0.1"].map((address) => some.allows(address))).toEqual([true, true, true]);
    expect(["169.254.169.254", "fe80::2", "::1"].map((address) => some.allows(address))).toEqual([false, false, false]);
  });

  it.each(["", "localhost", "127.0.0.1/33", "::1/129", "127.0.0.0/", "127.0.0.0/x", "127.0.0.1/-1", "127.0.0.0/8/8"])(
    "take no %j for a range",
    (range) => {
      expect(() => new AddressRules([range])).toThrow(/expected an IP address or a range/);
    },
  );
});

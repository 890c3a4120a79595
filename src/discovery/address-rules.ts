import { BlockList, isIP } from "node:net";
import { type Check, such } from "../check-options.ts";
import { ConfigurationError, expected } from "../configuration-error.ts";

/**
 * Where no service of a fleet has its endpoints, but much that a client must not be sent to: itself, its neighbours on the link, the metadata services of
 * clouds, groups. Whoever may write endpoints would reach them through every client. IPv6 has IPv4 inside in several ways: BlockList knows of the mapped
 * addresses alone.
 */
const refused = [
  "0.0.0.0/8",
  "127.0.0.0/8",
  "169.254.0.0/16",
  "100.100.100.200/32",
  "168.63.129.16/32",
  "224.0.0.0/4",
  "240.0.0.0/4",
  "::/96",
  "64:ff9b::/104",
  "64:ff9b::7f00:0/104",
  "64:ff9b::a9fe:0/112",
  "fe80::/10",
  "ff00::/8",
  "fd00:ec2::254/128",
  "fd20:ce::254/128",
] as const;

/** The first parts of those of IPv4, but for the ranges from 224 on. An address that begins otherwise needs no closer look: sets are large. */
const firstParts = new Set(refused.filter((range) => range.includes(".")).map((range) => Number.parseInt(range, 10)));

/** What is allowed by {@link AddressRules}: an address, or a range by its first address and the length of its prefix. */
export const checkRange: Check<string> = such(
  "an IP address or a range such as 127.0.0.0/8",
  (value) => typeof value === "string" && parseRange(value) !== undefined,
);

/** Which IP addresses may be endpoints: none on loopback, link-local, multicast, broadcast, or of a cloud's metadata service, unless it is allowed. */
export class AddressRules {
  readonly #refused = listOf(refused);
  readonly #allowed: BlockList;

  /**
   * @param allowed addresses and ranges such as `127.0.0.0/8`, which may be endpoints though they are among those that are refused
   * @throws ConfigurationError for what is no range
   */
  constructor(allowed: readonly string[] = []) {
    this.#allowed = listOf(allowed);
  }

  /** False for what is no IP address. */
  allows(address: string): boolean {
    const version = isIP(address);
    if (version === 0) return false;
    const firstPart = Number.parseInt(address, 10);
    if (version === 4 && firstPart < 224 && !firstParts.has(firstPart)) return true;
    const family = version === 6 ? "ipv6" : "ipv4";
    // An interface may follow, as in fe80::1%eth0.
    const [plain = ""] = address.split("%", 1);
    return !this.#refused.check(plain, family) || this.#allowed.check(plain, family);
  }
}

interface Range {
  readonly address: string;
  readonly prefix: number;
  readonly family: "ipv4" | "ipv6";
}

function listOf(ranges: readonly string[]): BlockList {
  const list = new BlockList();
  for (const text of ranges) {
    const range = parseRange(text);
    if (range === undefined)
      throw new ConfigurationError(expected(JSON.stringify(text), "an IP address or a range such as 127.0.0.0/8", text));
    list.addSubnet(range.address, range.prefix, range.family);
  }
  return list;
}

function parseRange(text: string): Range | undefined {
  const [address = "", bits, ...more] = text.split("/");
  const most = isIP(address) === 6 ? 128 : 32;
  const prefix = bits === undefined ? most : /^\d{1,3}$/.test(bits) ? Number(bits) : Number.NaN;
  if (isIP(address) === 0 || more.length > 0 || !(prefix <= most)) return undefined;
  return { address, prefix, family: most === 128 ? "ipv6" : "ipv4" };
}

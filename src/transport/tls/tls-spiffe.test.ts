import { X509Certificate } from "node:crypto";
import { describe, expect, it } from "vitest";
import { type CertificateRequest, testPki } from "../../../test/support/test-pki.ts";
import { ConfigurationError } from "../../configuration-error.ts";
import { createSpiffeCheck, type SpiffeOptions } from "./tls-spiffe.ts";

const trustDomain = "prod.example";
const checkout = "spiffe://prod.example/ns/shop/sa/checkout";

async function verdict(options: SpiffeOptions, request: CertificateRequest): Promise<string | undefined> {
  const pki = await testPki();
  const certificate = new X509Certificate((await pki.issueFor(request)).cert).raw;
  return createSpiffeCheck(options)(certificate)?.message;
}

describe("a certificate passes", () => {
  it.each<[string, SpiffeOptions, string]>([
    ["any ID of the trust domain", { trustDomain }, checkout],
    ["an ID without a path", { trustDomain }, "spiffe://prod.example"],
    ["the ID itself", { trustDomain, id: checkout }, checkout],
    ["another case of scheme and trust domain", { trustDomain: "PROD.example", id: "SPIFFE://Prod.Example/a" }, "sPiffe://prod.EXAMPLE/a"],
    ["a pattern for the whole", { trustDomain, id: /spiffe:\/\/prod\.example\/ns\/shop\/.*/ }, checkout],
    ["a pattern with flags that remember", { trustDomain, id: /.*checkout/gy }, checkout],
    [
      "a function, told it in lower case up to the path",
      { trustDomain, id: (id) => id === "spiffe://prod.example/A" },
      "SPIFFE://PROD.EXAMPLE/A",
    ],
    ["an ID of 2048 bytes", { trustDomain }, `spiffe://prod.example/${"a".repeat(2_026)}`],
  ])("by %s", async (_, options, uri) => {
    expect(await verdict(options, { uris: [uri], dns: ["other.example"] })).toBeUndefined();
  });

  it("twice by the same pattern, whatever its flags", async () => {
    const pki = await testPki();
    const { raw } = new X509Certificate((await pki.issueFor({ uris: [checkout] })).cert);
    const check = createSpiffeCheck({ trustDomain, id: /spiffe:.*/g });
    expect([check(raw), check(raw)]).toEqual([undefined, undefined]);
  });
});

describe("a certificate is rejected, and what was found is named", () => {
  it.each<[string, SpiffeOptions, CertificateRequest, string]>([
    ["without names", { trustDomain }, {}, "it has no URI name"],
    ["with other names only", { trustDomain }, { dns: [checkout] }, "it has no URI name"],
    ["with two URIs", { trustDomain }, { uris: [checkout, "https://b"] }, `it has 2 URI names, not one: "${checkout}", "https://b"`],
    ["with the same URI twice", { trustDomain }, { uris: [checkout, checkout] }, "it has 2 URI names"],
    [
      "of another trust domain",
      { trustDomain },
      { uris: ["spiffe://test.example/a"] },
      '"spiffe://test.example/a" is not of trust domain "prod.example"',
    ],
    ["of a longer trust domain", { trustDomain }, { uris: ["spiffe://prod.example.evil/a"] }, "is not of trust domain"],
    [
      "with another ID",
      { trustDomain, id: checkout },
      { uris: ["spiffe://prod.example/b"] },
      '"spiffe://prod.example/b" is not the identity',
    ],
    ["with another case in the path", { trustDomain, id: checkout }, { uris: [`${checkout.slice(0, -1)}T`] }, "is not the identity"],
    [
      "with more than the pattern",
      { trustDomain, id: /spiffe:\/\/prod\.example\/a|x/ },
      { uris: ["spiffe://prod.example/ab"] },
      "is not the identity",
    ],
    ["that the function does not know", { trustDomain, id: () => false }, { uris: [checkout] }, "is not the identity"],
    ["that the function fails on", { trustDomain, id: () => JSON.parse("{") }, { uris: [checkout] }, "JSON"],
    ["whose answer takes time", { trustDomain, id: (async () => true) as never }, { uris: [checkout] }, "is not the identity"],
    ["of an authority", { trustDomain }, { uris: [checkout], authority: true }, "the certificate of an authority"],
  ])("%s", async (_, options, request, message) => {
    expect(await verdict(options, request)).toContain(message);
  });

  it.each([
    ["another scheme", "https://prod.example/a"],
    ["a NUL in the trust domain", "spiffe://prod.example\0.evil/a"],
    ["a NUL in the path", "spiffe://prod.example/a\0b"],
    ["a wildcard", "spiffe://*.example/a"],
    ["a port", "spiffe://prod.example:443/a"],
    ["a user", "spiffe://x@prod.example/a"],
    ["no trust domain", "spiffe:///a"],
    ["a slash at the end", "spiffe://prod.example/a/"],
    ["an empty segment", "spiffe://prod.example//a"],
    ["a dot segment", "spiffe://prod.example/b/../a"],
    ["a dot at the end", "spiffe://prod.example/b/."],
    ["an escape", "spiffe://prod.example/%61"],
    ["a query", "spiffe://prod.example/a?b"],
    ["a fragment", "spiffe://prod.example/a#b"],
    ["a line break", "spiffe://prod.example/a\n"],
    ["more than 2048 bytes", `spiffe://prod.example/${"a".repeat(2_027)}`],
    ["a trust domain of 256 bytes", `spiffe://${"a".repeat(256)}/a`],
  ])("whose URI has %s", async (_, uri) => {
    const message = await verdict({ trustDomain }, { uris: [uri] });
    expect(message).toContain("is no SPIFFE ID");
    expect(message?.length).toBeLessThan(350);
  });

  it("that is not there, or is none", () => {
    const check = createSpiffeCheck({ trustDomain });
    expect(check(undefined)?.message).toBe("the server's certificate does not pass tls.spiffe: there is none");
    expect(check(Uint8Array.of(1, 2, 3))).toBeInstanceOf(Error);
  });
});

it.each<[SpiffeOptions, string]>([
  [{ trustDomain: "" }, 'tls.spiffe.trustDomain: expected a trust domain such as "prod.example.com", got ""'],
  [{ trustDomain: "spiffe://prod.example" }, "expected a trust domain"],
  [{ trustDomain: "prod.example/a" }, "expected a trust domain"],
  [{ trustDomain, id: "/ns/shop" }, 'tls.spiffe.id: expected a SPIFFE ID such as "spiffe://prod.example/...", got "/ns/shop"'],
  [{ trustDomain, id: "spiffe://test.example/a" }, "expected a SPIFFE ID such as"],
])("%j is refused at once", (options, message) => {
  expect(() => createSpiffeCheck(options)).toThrow(message);
  expect(() => createSpiffeCheck(options)).toThrow(ConfigurationError);
});

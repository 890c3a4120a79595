import { Code } from "@connectrpc/connect";
import { describe, expect, it, onTestFinished, vi } from "vitest";
import type { SpiffeOptions, TlsOptions } from "../../src/index.ts";
import { balancedClient } from "../support/balanced-client.ts";
import { staticTarget } from "../support/echo-fleet.ts";
import { startEchoServer } from "../support/echo-server.ts";
import { failureOf } from "../support/failure-of.ts";
import { type CertificateRequest, createPki, testPki } from "../support/test-pki.ts";
import { use } from "../support/use.ts";

const authority = "checkout.shop.example";
const spiffe: SpiffeOptions = { trustDomain: "prod.example", id: "spiffe://prod.example/checkout" };
const good = { uris: ["spiffe://prod.example/checkout"] };

async function clientOf(certificate: CertificateRequest, options: { readonly authority?: string; readonly tls?: TlsOptions }) {
  const pki = await testPki();
  const server = use(await startEchoServer({ tls: await pki.issueFor(certificate) }));
  const { client } = balancedClient(staticTarget(server), { ...options, tls: { ca: pki.ca, ...options.tls } });
  return { server, client };
}

interface Case {
  readonly name: string;
  readonly certificate: CertificateRequest;
  /** Default {@link authority}; null: none. */
  readonly as?: string | null;
}

const optionsOf = ({ as = authority }: Case, tls?: TlsOptions) => ({ ...(as !== null && { authority: as }), ...(tls && { tls }) });

describe("by DNS name", () => {
  it.each<Case>([
    { name: "the name", certificate: { dns: [authority] } },
    { name: "one of several names", certificate: { dns: ["other.example", authority], uris: ["spiffe://a/b"] } },
    { name: "the name in another case", certificate: { dns: ["CheckOut.Shop.Example"] } },
    { name: "the authority in another case", certificate: { dns: [authority] }, as: "CHECKOUT.shop.Example" },
    { name: "a wildcard for its first label", certificate: { dns: ["*.shop.example"] } },
    { name: "the IP of an IP authority", certificate: { ips: ["10.0.0.1"] }, as: "10.0.0.1" },
    { name: "the IPv6 address of an IP authority", certificate: { ips: ["fd00::1"] }, as: "[fd00::1]:443" },
    { name: "the dialled address where there is no authority", certificate: { ips: ["127.0.0.1"] }, as: null },
  ])("accepted: $name", async (test) => {
    const { client } = await clientOf(test.certificate, optionsOf(test));
    expect(await client.update({ text: "hi" })).toMatchObject({ text: "hi" });
  });

  it.each<Case & { readonly says: RegExp }>([
    { name: "another name", certificate: { dns: ["other.example"] }, says: /checkout\.shop\.example.*other\.example/ },
    { name: "a longer name", certificate: { dns: [`${authority}.evil.example`] }, says: /does not match/ },
    { name: "no name at all", certificate: {}, says: /does not match/ },
    {
      name: "the name as common name beside another",
      certificate: { dns: ["other.example"], commonName: authority },
      says: /does not match/,
    },
    { name: "the name as URI", certificate: { uris: [`https://${authority}`] }, says: /does not match/ },
    { name: "a NUL after the name", certificate: { dns: [`${authority}\0.evil.example`] }, says: /does not match/ },
    { name: "a NUL in a list that would look like the name", certificate: { dns: [`a\0, DNS:${authority}`] }, says: /does not match/ },
    { name: "a list in one name", certificate: { dns: [`a, DNS:${authority}`] }, says: /does not match/ },
    { name: "a wildcard for two labels", certificate: { dns: ["*.example"] }, says: /does not match/ },
    { name: "a wildcard of the whole", certificate: { dns: ["*"] }, says: /does not match/ },
    { name: "an IP authority as DNS name", certificate: { dns: ["10.0.0.1"] }, as: "10.0.0.1", says: /10\.0\.0\.1/ },
    { name: "another IP", certificate: { ips: ["10.0.0.2"] }, as: "10.0.0.1", says: /10\.0\.0\.1.*10\.0\.0\.2/ },
    { name: "an IP where the authority is a name", certificate: { ips: ["127.0.0.1"] }, says: /does not match/ },
    { name: "an expired certificate", certificate: { dns: [authority], valid: "past" }, says: /expired/ },
    { name: "one that is not yet valid", certificate: { dns: [authority], valid: "future" }, says: /not yet valid/ },
  ])("rejected: $name", async (test) => {
    const { server, client } = await clientOf(test.certificate, optionsOf(test));
    expect(await failureOf(client.update({}))).toMatchObject({ code: Code.Unavailable, rawMessage: expect.stringMatching(test.says) });
    expect(server.calls).toEqual([]);
  });

  it.each(["checkout.shop\0.evil.example", "checkout.shop.example\0", "*.shop.example\0"])("refused as an authority: %j", (name) => {
    expect(() => balancedClient("static:///127.0.0.1:1", { authority: name, tls: true })).toThrow(TypeError);
  });
});

describe("by SPIFFE ID", () => {
  it.each<Case & { readonly tls?: TlsOptions }>([
    { name: "the ID, whatever DNS name", certificate: { ...good, dns: ["other.example"] } },
    { name: "the ID, of a dialled address", certificate: good, as: null },
    { name: "the trust domain in another case", certificate: { uris: ["spiffe://PROD.Example/checkout"] } },
    { name: "with a check of the user's own besides", certificate: good, tls: { spiffe, checkServerIdentity: () => undefined } },
  ])("accepted: $name", async (test) => {
    const { client } = await clientOf(test.certificate, optionsOf(test, test.tls ?? { spiffe }));
    expect(await client.update({ text: "hi" })).toMatchObject({ text: "hi" });
  });

  it.each<Case & { readonly says: string; readonly tls?: TlsOptions }>([
    { name: "the right DNS name alone", certificate: { dns: [authority] }, says: "no URI name" },
    { name: "no name at all", certificate: {}, says: "no URI name" },
    {
      name: "another trust domain",
      certificate: { uris: ["spiffe://test.example/checkout"] },
      says: '"spiffe://test.example/checkout" is not of',
    },
    { name: "another ID", certificate: { uris: ["spiffe://prod.example/cart"] }, says: '"spiffe://prod.example/cart" is not the identity' },
    { name: "the path in another case", certificate: { uris: ["spiffe://prod.example/Checkout"] }, says: "is not the identity" },
    { name: "two URIs", certificate: { uris: [...good.uris, "spiffe://prod.example/cart"] }, says: "2 URI names" },
    { name: "a NUL in it", certificate: { uris: [`${good.uris[0]}\0`] }, says: "is no SPIFFE ID" },
    { name: "a wildcard", certificate: { uris: ["spiffe://prod.example/*"] }, says: "is no SPIFFE ID" },
    { name: "a list in one name", certificate: { uris: [`a, URI:${good.uris[0]}`] }, says: "is no SPIFFE ID" },
    { name: "an expired certificate", certificate: { ...good, valid: "past" }, says: "expired" },
    { name: "one that is not yet valid", certificate: { ...good, valid: "future" }, says: "not yet valid" },
    { name: "an authority's certificate", certificate: { ...good, authority: true }, says: "certificate of an authority" },
    {
      name: "what the user's own check rejects",
      certificate: good,
      tls: { spiffe, checkServerIdentity: () => new Error("not today") },
      says: "not today",
    },
  ])("rejected: $name", async (test) => {
    const { server, client } = await clientOf(test.certificate, optionsOf(test, test.tls ?? { spiffe }));
    expect(await failureOf(client.update({}))).toMatchObject({ code: Code.Unavailable, rawMessage: expect.stringContaining(test.says) });
    expect(server.calls).toEqual([]);
  });
});

it("the environment can't turn the check of a SPIFFE ID off", async () => {
  vi.stubEnv("NODE_TLS_REJECT_UNAUTHORIZED", "0");
  onTestFinished(() => void vi.unstubAllEnvs());
  const { client } = await clientOf({ uris: ["spiffe://test.example/checkout"] }, { tls: { spiffe } });
  expect((await failureOf(client.update({}))).rawMessage).toContain("is not of trust domain");
});

describe("by authority", () => {
  it.each<[string, TlsOptions | undefined]>([
    ["a DNS name", undefined],
    ["a SPIFFE ID", { spiffe }],
  ])("rejected: %s, vouched for by an authority of the same name with another key", async (_, tls) => {
    const impostor = await createPki();
    const server = use(await startEchoServer({ tls: await impostor.issueFor({ dns: [authority], ...good }) }));
    const { client } = balancedClient(staticTarget(server), { authority, tls: { ca: (await testPki()).ca, ...tls } });
    expect(await failureOf(client.update({}))).toMatchObject({ code: Code.Unavailable, rawMessage: expect.stringMatching(/certificate/) });
    expect(server.calls).toEqual([]);
  });

  it("accepted: a chain of authorities, and rejected: the same without the link between", async () => {
    const pki = await testPki();
    const { cert, key } = await (await pki.intermediate()).issueFor(good);
    const leaf = cert.slice(0, cert.indexOf("-----BEGIN", 10));
    const whole = use(await startEchoServer({ tls: { cert, key } }));
    const broken = use(await startEchoServer({ tls: { cert: leaf, key } }));
    const tls = { ca: pki.ca, spiffe };
    expect(await balancedClient(staticTarget(whole), { tls }).client.update({ text: "hi" })).toMatchObject({ text: "hi" });
    const error = await failureOf(balancedClient(staticTarget(broken), { tls }).client.update({}));
    expect(error).toMatchObject({ code: Code.Unavailable, rawMessage: expect.stringMatching(/certificate/) });
  });
});

describe("a server that asks for the client's certificate", () => {
  async function answerTo(request: (CertificateRequest & { readonly from?: "elsewhere" }) | undefined): Promise<unknown> {
    const pki = await testPki();
    const server = use(await startEchoServer({ tls: { ...(await pki.issueFor(good)), ca: pki.ca, requestCert: true } }));
    const issuer = request?.from === "elsewhere" ? await createPki() : pki;
    const own = request && (await issuer.issueFor(request));
    const { client } = balancedClient(staticTarget(server), { tls: { ca: pki.ca, spiffe, ...own } });
    try {
      return await client.update({ text: "hi" });
    } finally {
      expect(server.calls).toHaveLength(server.handshakes.length);
    }
  }

  it("gets it", async () => {
    expect(await answerTo({ dns: ["client"] })).toMatchObject({ text: "hi" });
  });

  it.each([
    ["none", undefined],
    ["one of another authority", { dns: ["client"], from: "elsewhere" as const }],
    ["an expired one", { dns: ["client"], valid: "past" as const }],
    ["one that is not yet valid", { dns: ["client"], valid: "future" as const }],
  ])("and fails the calls as unavailable if it gets %s", async (_, request) => {
    expect(await failureOf(answerTo(request))).toMatchObject({ code: Code.Unavailable });
  });
});

import { X509Certificate } from "node:crypto";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { type CertificateRequest, testPki } from "../test/support/test-pki.ts";
import { readCertificateNames } from "./certificate-names.ts";

async function certificateOf(request: CertificateRequest): Promise<X509Certificate> {
  const pki = await testPki();
  return new X509Certificate((await pki.issueFor(request)).cert);
}

describe("the names in a certificate", () => {
  it.each<CertificateRequest & { readonly uris: readonly string[] }>([
    { uris: ["spiffe://prod.example/a"] },
    { uris: ["spiffe://prod.example/a", "https://b"], dns: ["a.example"], ips: ["10.0.0.1", "::1"] },
    { uris: [], dns: ["spiffe://prod.example/a", "x, URI:spiffe://prod.example/b", 'x", URI:spiffe://prod.example/b, DNS:"y'] },
    { uris: [] },
    { uris: ["spiffe://prod.example/\0a", "x, URI:spiffe://prod.example/b", 'y", "z', "'y', \\"] },
    { uris: ["u".repeat(70_000)] },
  ])("are found as they are: %#", async (request) => {
    expect(readCertificateNames(await certificateOf(request))).toEqual({ uris: request.uris, dnsNames: request.dns ?? [] });
  });

  it("are none of another name's, whatever is written there", async () => {
    const written = fc.string({ unit: fc.constantFrom("U", "R", "I", ":", ",", " ", '"', "'", "\\", "a"), maxLength: 20 });
    await fc.assert(
      fc.asyncProperty(written, written, async (dns, uri) => {
        const names = readCertificateNames(await certificateOf({ dns: [dns], uris: [uri] }));
        expect(names).toEqual({ uris: [uri], dnsNames: [dns] });
      }),
      { numRuns: 50 },
    );
  });

  it("are refused where Node would write them another way", () => {
    expect(() => readCertificateNames({ subjectAltName: 'URI:"spiffe://a/b' })).toThrow("can't be told apart");
  });
});

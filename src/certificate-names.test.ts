import { X509Certificate } from "node:crypto";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { type CertificateRequest, testPki } from "../test/support/test-pki.ts";
import { readCertificateNames } from "./certificate-names.ts";

async function certificateOf(request: CertificateRequest): Promise<Uint8Array> {
  const pki = await testPki();
  return new X509Certificate((await pki.issueFor(request)).cert).raw;
}

describe("the names in a certificate", () => {
  it.each<CertificateRequest & { readonly uris: readonly string[] }>([
    { uris: ["spiffe://prod.example/a"] },
    { uris: ["spiffe://prod.example/a", "https://b"], dns: ["a.example"], ips: ["10.0.0.1"] },
    { uris: [], dns: ["spiffe://prod.example/a"] },
    { uris: [] },
    { uris: ["spiffe://prod.example/\0a", "x, URI:spiffe://prod.example/b", 'y", "z'] },
    { uris: ["u".repeat(70_000)] },
  ])("are found as they are: %#", async (request) => {
    expect(readCertificateNames(await certificateOf(request))).toEqual({ uris: request.uris, dnsNames: request.dns ?? [] });
  });

  it("are not read beyond ASCII", async () => {
    const certificate = Buffer.from(await certificateOf({ uris: ["spiffe://prod.example/a"] }));
    certificate[certificate.indexOf("prod")] = 0xf0;
    expect(() => readCertificateNames(certificate)).toThrow("beyond ASCII");
  });

  it("of any broken certificate are strings or a plain error", async () => {
    const certificate = await certificateOf({ uris: ["spiffe://prod.example/a"], dns: ["a.example"] });
    const anyPlace = fc.nat({ max: certificate.length - 1 });
    const anyDamage = fc.array(fc.tuple(anyPlace, fc.integer({ min: 0, max: 255 })), { minLength: 1, maxLength: 4 });
    let refused = 0;
    fc.assert(
      fc.property(anyDamage, fc.option(anyPlace), (damage, end) => {
        const broken = Uint8Array.from(certificate.subarray(0, end ?? certificate.length));
        for (const [at, byte] of damage) if (at < broken.length) broken[at] = byte;
        try {
          const { uris, dnsNames } = readCertificateNames(broken);
          for (const name of [...uris, ...dnsNames]) expect(Buffer.from(broken).includes(name, 0, "latin1")).toBe(true);
        } catch (error) {
          refused++;
          expect((error as Error).constructor).toBe(Error);
        }
      }),
      { numRuns: 1_000 },
    );
    expect(refused).toBeGreaterThan(0);
  });

  it("of two lists of names are none: which one counts would be a guess", async () => {
    const sequence = (...parts: Uint8Array[]) => tagged(0x30, ...parts);
    const name = tagged(0x04, sequence(tagged(0x86, Buffer.from("spiffe://a/b"))));
    const extension = sequence(tagged(0x06, Uint8Array.of(0x55, 0x1d, 0x11)), name);
    expect(readCertificateNames(sequence(sequence(tagged(0xa3, sequence(extension))))).uris).toEqual(["spiffe://a/b"]);
    const twice = tagged(0xa3, sequence(extension, extension));
    expect(() => readCertificateNames(sequence(sequence(twice)))).toThrow("two extensions with subject alternative names");
    const lists = [tagged(0xa3, sequence(extension)), tagged(0xa3, sequence())];
    expect(() => readCertificateNames(sequence(sequence(...lists)))).toThrow("two lists of extensions");
    expect(() => readCertificateNames(Buffer.concat([sequence(sequence()), Uint8Array.of(0)]))).toThrow("bytes after the end");
  });
});

function tagged(tag: number, ...parts: Uint8Array[]): Uint8Array {
  const value = Buffer.concat(parts);
  return Uint8Array.from([tag, value.length, ...value]);
}

import { X509Certificate } from "node:crypto";
import { expect, test } from "vitest";
import { type CertificateRequest, testPki } from "../../../test/support/test-pki.ts";
import { clientNames } from "./client-names.ts";

test.each<CertificateRequest & { readonly names: readonly string[] }>([
  { uris: ["spiffe://prod.example/a"], dns: ["b.example", "c.example"], names: ["spiffe://prod.example/a", "b.example", "c.example"] },
  { uris: ["SPIFFE://Prod.Example/Ns/A"], dns: ["B.Example"], names: ["spiffe://prod.example/Ns/A", "b.example"] },
  { uris: ["spiffe://prod.example/a", "spiffe://prod.example/b"], dns: ["b.example"], names: ["b.example"] },
  { dns: ["spiffe://prod.example/a", "b.example, URI:spiffe://prod.example/a"], names: [] },
  { uris: ["system:serviceaccount:shop:cart"], dns: ["b.example"], names: ["b.example"] },
  { uris: ["urn:b.example"], names: [] },
  { commonName: "b.example", ips: ["10.0.0.1"], names: [] },
])("a client is its one URI and its DNS names: %o", async ({ names, ...request }) => {
  const pki = await testPki();
  expect(clientNames(new X509Certificate((await pki.issueFor(request)).cert).raw)).toEqual(names);
});

test("what is no certificate names nobody", () => {
  expect(clientNames(Uint8Array.of(1, 2, 3))).toEqual([]);
});

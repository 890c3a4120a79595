import "reflect-metadata";
import { KeyObject, type webcrypto } from "node:crypto";
import {
  BasicConstraintsExtension,
  ExtendedKeyUsage,
  ExtendedKeyUsageExtension,
  KeyUsageFlags,
  KeyUsagesExtension,
  SubjectAlternativeNameExtension,
  type X509Certificate,
  X509CertificateGenerator,
} from "@peculiar/x509";

/** What a TLS server or client needs to show who it is, in PEM. */
export interface Credentials {
  readonly cert: string;
  readonly key: string;
}

/** A certificate authority that lives as long as the process. */
export interface TestPki {
  /** The authority's own certificate in PEM: what the other side is to trust. */
  readonly ca: string;
  /** A certificate for these DNS names, good for servers and for clients. The same names give the same one. */
  issue(...dnsNames: readonly [string, ...string[]]): Promise<Credentials>;
}

const ALGORITHM = { name: "ECDSA", namedCurve: "P-256", hash: "SHA-256" };
const DAY_MS = 24 * 60 * 60 * 1000;

let shared: Promise<TestPki> | undefined;

/** The process's authority: made once, since keys take time. */
export function testPki(): Promise<TestPki> {
  shared ??= createPki();
  return shared;
}

async function createPki(): Promise<TestPki> {
  const keys = await generateKeys();
  const ca = await X509CertificateGenerator.createSelfSigned({
    name: "CN=meshless test authority",
    keys,
    signingAlgorithm: ALGORITHM,
    ...validity(),
    extensions: [new BasicConstraintsExtension(true, 0, true), new KeyUsagesExtension(KeyUsageFlags.keyCertSign, true)],
  });
  const issued = new Map<string, Promise<Credentials>>();
  return {
    ca: ca.toString("pem"),
    issue(...dnsNames) {
      const names = dnsNames.join(",");
      const credentials = issued.get(names) ?? issueLeaf(ca, keys.privateKey, dnsNames);
      issued.set(names, credentials);
      return credentials;
    },
  };
}

async function issueLeaf(ca: X509Certificate, signingKey: CryptoKey, dnsNames: readonly string[]): Promise<Credentials> {
  const keys = await generateKeys();
  const leaf = await X509CertificateGenerator.create({
    subject: "CN=meshless test leaf",
    issuer: ca.subject,
    publicKey: keys.publicKey,
    signingKey,
    signingAlgorithm: ALGORITHM,
    ...validity(),
    extensions: [
      new SubjectAlternativeNameExtension(dnsNames.map((value) => ({ type: "dns", value }))),
      new ExtendedKeyUsageExtension([ExtendedKeyUsage.serverAuth, ExtendedKeyUsage.clientAuth]),
    ],
  });
  return { cert: leaf.toString("pem"), key: KeyObject.from(keys.privateKey).export({ type: "pkcs8", format: "pem" }).toString() };
}

/** From yesterday, so that no clock is too slow for it. */
function validity() {
  return { notBefore: new Date(Date.now() - DAY_MS), notAfter: new Date(Date.now() + DAY_MS) };
}

function generateKeys(): Promise<webcrypto.CryptoKeyPair> {
  return crypto.subtle.generateKey(ALGORITHM, true, ["sign", "verify"]);
}

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

/** What a certificate is to say. Without names it has no subject alternative names at all. */
export interface CertificateRequest {
  readonly dns?: readonly string[];
  readonly uris?: readonly string[];
  readonly ips?: readonly string[];
  /** Default `meshless test leaf`. */
  readonly commonName?: string;
  /** When it is valid. Default `now`, from yesterday to tomorrow. */
  readonly valid?: "now" | "past" | "future";
  /** May it sign others? Default false. */
  readonly authority?: boolean;
}

/** A certificate authority that lives as long as the process. */
export interface TestPki {
  /** The root's own certificate in PEM: what the other side is to trust. */
  readonly ca: string;
  /** A certificate for these DNS names, good for servers and for clients. The same names give the same one. */
  issue(...dnsNames: readonly [string, ...string[]]): Promise<Credentials>;
  /** A new certificate of any kind. */
  issueFor(request: CertificateRequest): Promise<Credentials>;
  /** An authority below this one, whose certificates come with the chain to the root. */
  intermediate(): Promise<TestPki>;
}

const ALGORITHM = { name: "ECDSA", namedCurve: "P-256", hash: "SHA-256" };
const AUTHORITY = "CN=meshless test authority";
const DAY_MS = 24 * 60 * 60 * 1000;

let shared: Promise<TestPki> | undefined;

/** The process's authority: made once, since keys take time. */
export function testPki(): Promise<TestPki> {
  shared ??= createPki();
  return shared;
}

/** Another authority: by default one of the same name, with another key. */
export async function createPki(name = AUTHORITY): Promise<TestPki> {
  const keys = await generateKeys();
  const root = await X509CertificateGenerator.createSelfSigned({
    name,
    keys,
    ...signedByAuthority(),
    extensions: authorityExtensions(),
  });
  return pkiOf({ certificate: root, signingKey: keys.privateKey, ca: root.toString("pem"), chain: "" });
}

interface Authority {
  readonly certificate: X509Certificate;
  readonly signingKey: CryptoKey;
  readonly ca: string;
  /** What comes between a leaf and the root, in PEM. */
  readonly chain: string;
}

function pkiOf(authority: Authority): TestPki {
  const issued = new Map<string, Promise<Credentials>>();
  return {
    ca: authority.ca,
    issue(...dns) {
      const names = dns.join(",");
      const credentials = issued.get(names) ?? issueLeaf(authority, { dns });
      issued.set(names, credentials);
      return credentials;
    },
    issueFor: (request) => issueLeaf(authority, request),
    intermediate: () => issueIntermediate(authority),
  };
}

async function issueIntermediate({ certificate, signingKey, ca, chain }: Authority): Promise<TestPki> {
  const keys = await generateKeys();
  const intermediate = await X509CertificateGenerator.create({
    subject: `${AUTHORITY} below`,
    issuer: certificate.subject,
    publicKey: keys.publicKey,
    signingKey,
    ...signedByAuthority(),
    extensions: authorityExtensions(),
  });
  return pkiOf({ certificate: intermediate, signingKey: keys.privateKey, ca, chain: intermediate.toString("pem") + chain });
}

async function issueLeaf({ certificate, signingKey, chain }: Authority, request: CertificateRequest): Promise<Credentials> {
  const keys = await generateKeys();
  const leaf = await X509CertificateGenerator.create({
    subject: `CN=${request.commonName ?? "meshless test leaf"}`,
    issuer: certificate.subject,
    publicKey: keys.publicKey,
    signingKey,
    ...signedByAuthority(request.valid),
    extensions: [
      ...namesOf(request),
      ...(request.authority === true ? authorityExtensions() : []),
      new ExtendedKeyUsageExtension([ExtendedKeyUsage.serverAuth, ExtendedKeyUsage.clientAuth]),
    ],
  });
  const key = KeyObject.from(keys.privateKey).export({ type: "pkcs8", format: "pem" }).toString();
  return { cert: `${leaf.toString("pem")}\n${chain}`, key };
}

function namesOf({ dns = [], uris = [], ips = [] }: CertificateRequest): SubjectAlternativeNameExtension[] {
  const names = [
    ...dns.map((value) => ({ type: "dns" as const, value })),
    ...uris.map((value) => ({ type: "url" as const, value })),
    ...ips.map((value) => ({ type: "ip" as const, value })),
  ];
  return names.length === 0 ? [] : [new SubjectAlternativeNameExtension(names)];
}

function authorityExtensions() {
  return [
    new BasicConstraintsExtension(true, undefined, true),
    new KeyUsagesExtension(KeyUsageFlags.keyCertSign | KeyUsageFlags.digitalSignature, true),
  ];
}

/** From yesterday, so that no clock is too slow for it. */
function signedByAuthority(valid: CertificateRequest["valid"] = "now") {
  const middleMs = Date.now() + { past: -10, now: 0, future: 10 }[valid] * DAY_MS;
  return { signingAlgorithm: ALGORITHM, notBefore: new Date(middleMs - DAY_MS), notAfter: new Date(middleMs + DAY_MS) };
}

function generateKeys(): Promise<webcrypto.CryptoKeyPair> {
  return crypto.subtle.generateKey(ALGORITHM, true, ["sign", "verify"]);
}

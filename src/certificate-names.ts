import { DerReader } from "./der.ts";

// Identifier octets of X.509 (RFC 5280, 4.1 and 4.2.1.6).
const tags = {
  boolean: 0x01,
  octetString: 0x04,
  oid: 0x06,
  sequence: 0x30,
  extensions: 0xa3,
  dnsName: 0x82,
  uniformResourceIdentifier: 0x86,
};
const subjectAltName = "551d11"; // 2.5.29.17

/** Whom a certificate is for, by its subject alternative names. Its common name says nothing. */
export interface CertificateNames {
  readonly uris: readonly string[];
  readonly dnsNames: readonly string[];
}

/**
 * The names in a certificate, from its bytes. Node's `subjectaltname` is one string of all names, and a name could be made to look like
 * several there (CVE-2021-44532).
 *
 * @param certificate X.509 in DER, such as `socket.getPeerX509Certificate().raw`
 * @throws Error where it is none, or one that RFC 5280 forbids
 */
export function readCertificateNames(certificate: Uint8Array): CertificateNames {
  const [names, second] = extensionsOf(certificate).filter(({ oid }) => oid === subjectAltName);
  if (names === undefined) return { uris: [], dnsNames: [] };
  if (second !== undefined) throw new Error("two extensions with subject alternative names");
  const elements = elementsOf(only(names.value, tags.sequence));
  const textsOf = (kind: number) => elements.filter(({ tag }) => tag === kind).map(({ value }) => asciiOf(value));
  return { uris: textsOf(tags.uniformResourceIdentifier), dnsNames: textsOf(tags.dnsName) };
}

interface Extension {
  /** In hex. */
  readonly oid: string;
  readonly value: Uint8Array;
}

function extensionsOf(certificate: Uint8Array): readonly Extension[] {
  const signed = new DerReader(only(certificate, tags.sequence)).take(tags.sequence);
  const [extensions, second] = elementsOf(signed).filter(({ tag }) => tag === tags.extensions);
  if (extensions === undefined) return [];
  if (second !== undefined) throw new Error("two lists of extensions");
  return elementsOf(only(extensions.value, tags.sequence)).map(({ value }) => extensionOf(new DerReader(value)));
}

function extensionOf(fields: DerReader): Extension {
  const oid = Buffer.from(fields.take(tags.oid)).toString("hex");
  let field = fields.next();
  if (field.tag === tags.boolean) field = fields.next(); // "critical" may be left out
  if (field.tag !== tags.octetString || !fields.atEnd) throw new Error("an extension of another form");
  return { oid, value: field.value };
}

function elementsOf(bytes: Uint8Array) {
  const reader = new DerReader(bytes);
  const elements = [];
  while (!reader.atEnd) elements.push(reader.next());
  return elements;
}

/** What the one element holds that these bytes are. */
function only(bytes: Uint8Array, tag: number): Uint8Array {
  const reader = new DerReader(bytes);
  const value = reader.take(tag);
  if (!reader.atEnd) throw new Error("bytes after the end");
  return value;
}

function asciiOf(bytes: Uint8Array): string {
  if (bytes.some((byte) => byte > 0x7f)) throw new Error("a name with bytes beyond ASCII");
  return Buffer.from(bytes).toString("latin1");
}

import { X509Certificate } from "node:crypto";
import { readCertificateNames } from "../../certificate-names.ts";
import { ConfigurationError, expected } from "../../configuration-error.ts";

/** Which SPIFFE identity a server must have. */
export interface SpiffeOptions {
  /** `prod.example.com`. Case makes no difference. */
  readonly trustDomain: string;
  /**
   * The whole ID, `spiffe://prod.example.com/ns/shop/sa/checkout`; a pattern that must match the whole of it; or a function that is
   * given it, the scheme and the trust domain in lower case. Default: any ID of the trust domain.
   */
  readonly id?: string | RegExp | ((id: string) => boolean) | undefined;
}

/** Says what is wrong with a server's certificate (X.509 in DER), or undefined: nothing. Never throws. */
export type SpiffeCheck = (certificate: Uint8Array | undefined) => Error | undefined;

interface SpiffeId {
  readonly trustDomain: string;
  /** With scheme and trust domain in lower case. */
  readonly text: string;
}

/**
 * Makes the check of gRFC A87: the certificate has exactly one URI name, which is a SPIFFE ID of the trust domain. Whether the
 * certificate is genuine and in time is checked by TLS itself, before.
 *
 * @throws ConfigurationError for options that no certificate could meet
 */
export function createSpiffeCheck({ trustDomain, id }: SpiffeOptions): SpiffeCheck {
  const domain = parseSpiffeId(`spiffe://${trustDomain}`);
  if (domain?.trustDomain !== trustDomain.toLowerCase()) {
    throw new ConfigurationError(expected("tls.spiffe.trustDomain", 'a trust domain such as "prod.example.com"', trustDomain));
  }
  const accepts = matcherOf(id, domain.trustDomain);
  return (certificate) => {
    try {
      const found = spiffeIdOf(certificate);
      if (found.trustDomain !== domain.trustDomain) return rejected(`${shown(found.text)} is not of trust domain "${domain.trustDomain}"`);
      return accepts(found.text) === true ? undefined : rejected(`${shown(found.text)} is not the identity that tls.spiffe.id asks for`);
    } catch (error) {
      return rejected((error as Error).message);
    }
  };
}

function matcherOf(id: SpiffeOptions["id"], trustDomain: string): (id: string) => boolean {
  if (id === undefined) return () => true;
  if (typeof id === "function") return id;
  if (id instanceof RegExp) {
    const whole = new RegExp(`^(?:${id.source})$`, id.flags.replace(/[gmy]/g, ""));
    return (found) => whole.test(found);
  }
  const wanted = parseSpiffeId(id);
  if (wanted?.trustDomain !== trustDomain) {
    throw new ConfigurationError(expected("tls.spiffe.id", `a SPIFFE ID such as "spiffe://${trustDomain}/..."`, id));
  }
  return (found) => found === wanted.text;
}

function spiffeIdOf(certificate: Uint8Array | undefined): SpiffeId {
  if (certificate === undefined) throw new Error("there is none");
  const x509 = new X509Certificate(certificate);
  // The ID of an authority says for whom it signs, not who it is (X509-SVID, 5.2).
  if (x509.ca) throw new Error("it is the certificate of an authority");
  const [uri, ...others] = readCertificateNames(x509).uris;
  if (uri === undefined) throw new Error("it has no URI name, where a SPIFFE ID belongs");
  if (others.length > 0)
    throw new Error(`it has ${others.length + 1} URI names, not one: ${[uri, ...others].slice(0, 3).map(shown).join(", ")}`);
  const id = parseSpiffeId(uri);
  if (id === undefined) throw new Error(`${shown(uri)} is no SPIFFE ID`);
  return id;
}

/** The characters, segments and lengths of the SPIFFE ID standard (2.1 to 2.3): no port, no query, no escapes, no `.` and `..`, no slash at the end. */
function parseSpiffeId(text: string): SpiffeId | undefined {
  const parts = /^spiffe:\/\/([a-z0-9._-]{1,255})((?:\/(?!\.{1,2}(?:\/|$))[a-zA-Z0-9._-]+)*)$/i.exec(text);
  if (parts === null || text.length > 2048) return undefined;
  const [, domain = "", path = ""] = parts;
  const trustDomain = domain.toLowerCase();
  return { trustDomain, text: `spiffe://${trustDomain}${path}` };
}

function rejected(why: string): Error {
  return new Error(`the server's certificate does not pass tls.spiffe: ${why}`);
}

/** What a stranger wrote, short and without control characters. */
function shown(text: string): string {
  return JSON.stringify(text.length > 200 ? `${text.slice(0, 200)}...` : text);
}

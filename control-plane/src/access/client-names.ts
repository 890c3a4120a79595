import { X509Certificate } from "node:crypto";
import { readCertificateNames } from "meshless/server-hooks";

/**
 * Who a client is, by the certificate that it showed: its URI, which is where SPIFFE has its ID, and its DNS names. The common name is nobody's promise. The
 * scheme and the authority of a URI, and DNS names, are in lower case.
 *
 * @param certificate in DER
 */
export function clientNames(certificate: Uint8Array): readonly string[] {
  try {
    const { uris, dnsNames } = readCertificateNames(new X509Certificate(certificate));
    // SPIFFE has certificates with several URIs refused: which one counts would be a guess. A URI in the place of a DNS name is none, and neither is one without
    // an authority, which may look like a name of another kind.
    return [
      ...(uris.length === 1 ? uris.filter(hasAuthority).map(normalized) : []),
      ...dnsNames.filter(isDnsName).map((name) => name.toLowerCase()),
    ];
  } catch {
    return [];
  }
}

function hasAuthority(uri: string): boolean {
  return /^[a-z][a-z0-9+.-]*:\/\//i.test(uri);
}

function normalized(uri: string): string {
  return uri.replace(/^[a-z][a-z0-9+.-]*:\/\/[^/?#]*/i, (start) => start.toLowerCase());
}

function isDnsName(name: string): boolean {
  return /^[a-z0-9._*-]{1,253}$/i.test(name);
}

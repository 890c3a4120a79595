/** Whom a certificate is for, by its subject alternative names. Its common name says nothing. */
export interface CertificateNames {
  readonly uris: readonly string[];
  readonly dnsNames: readonly string[];
}

// Node writes all names in one line, and quotes as JSON what could be taken for several (CVE-2021-44532).
const nextName = /(?:^|, )([A-Za-z0-9 ]+):("(?:[^"\\]|\\.)*"|[^",]*)(?=, |$)/gy;

/**
 * The names in a certificate.
 *
 * @param certificate an `X509Certificate` of `node:crypto`, such as `socket.getPeerX509Certificate()`
 * @throws Error where its names are not written as Node writes them
 */
export function readCertificateNames({ subjectAltName = "" }: { readonly subjectAltName: string | undefined }): CertificateNames {
  const names = [...subjectAltName.matchAll(nextName)];
  const read = names.reduce((length, [text]) => length + text.length, 0);
  if (read !== subjectAltName.length) throw new Error("its names can't be told apart");
  const textsOf = (wanted: string) => names.filter(([, kind]) => kind === wanted).map(([, , text = ""]) => unquoted(text));
  return { uris: textsOf("URI"), dnsNames: textsOf("DNS") };
}

function unquoted(text: string): string {
  return text.startsWith('"') ? JSON.parse(text) : text;
}

import type { X509Certificate } from "node:crypto";

// Node writes all names in one line, and quotes as JSON what could be taken for several (CVE-2021-44532).
const nextName = /(?:^|, )([A-Za-z0-9 ]+):("(?:[^"\\]|\\.)*"|[^",]*)(?=, |$)/gy;

/**
 * The URIs among a certificate's subject alternative names.
 *
 * @throws Error where these are not written as Node writes them
 */
export function readUriNames({ subjectAltName = "" }: Pick<X509Certificate, "subjectAltName">): readonly string[] {
  const names = [...subjectAltName.matchAll(nextName)];
  const read = names.reduce((length, [text]) => length + text.length, 0);
  if (read !== subjectAltName.length) throw new Error("its names can't be told apart");
  return names.filter(([, kind]) => kind === "URI").map(([, , value = ""]) => (value.startsWith('"') ? JSON.parse(value) : value));
}

import { createHash, X509Certificate } from "node:crypto";
import { readFileSync } from "node:fs";
import { readFile } from "node:fs/promises";

/** Paths of PEM files; relative ones start at the working directory. */
export interface TlsFiles {
  /** The authorities that sign for servers. Default: those of Node.js. */
  readonly ca?: string | undefined;
  /** Our own certificate, with its chain. */
  readonly cert?: string | undefined;
  /** The private key of `cert`; `tls.passphrase` opens it, if it has one. */
  readonly key?: string | undefined;
}

/** What the files hold, by Node's names of the options. */
export type Pem = { readonly [kind in keyof TlsFiles]?: string };

const kinds = ["ca", "cert", "key"] as const;

/** @throws Error that names the file which can't be read */
export function readTlsFilesSync(files: TlsFiles): Pem {
  const pem: { -readonly [kind in keyof Pem]: Pem[kind] } = {};
  eachOf(files, (kind, path) => {
    pem[kind] = readFileSync(path, "utf8");
  });
  return pem;
}

/** As {@link readTlsFilesSync}, without holding up the process. */
export async function readTlsFiles(files: TlsFiles): Promise<Pem> {
  const pem: { -readonly [kind in keyof Pem]: Pem[kind] } = {};
  for (const kind of kinds) {
    const path = files[kind];
    if (path !== undefined) pem[kind] = await readFile(path, "utf8").catch((error) => Promise.reject(problemWith(kind, path, error)));
  }
  return pem;
}

/**
 * Checks what `tls.createSecureContext` lets pass: of authorities it takes those that it can read, and for an empty file the default ones.
 *
 * @throws Error that names the file
 */
export function assertCertificates(files: TlsFiles, pem: Pem): void {
  eachOf(files, (kind) => {
    if (kind !== "key") parseCertificates(pem[kind] ?? "");
  });
}

/** The same for the same contents, and tells nothing of them. */
export function fingerprintOf(pem: Pem): string {
  return createHash("sha256").update(JSON.stringify(pem)).digest("hex");
}

function eachOf(files: TlsFiles, look: (kind: keyof TlsFiles, path: string) => void): void {
  for (const kind of kinds) {
    const path = files[kind];
    if (path === undefined) continue;
    try {
      look(kind, path);
    } catch (error) {
      throw problemWith(kind, path, error);
    }
  }
}

function problemWith(kind: keyof TlsFiles, path: string, cause: unknown): Error {
  return new Error(`tls.files.${kind} ${path}: ${(cause as Error).message}`, { cause });
}

function parseCertificates(pem: string): void {
  const begin = "-----BEGIN CERTIFICATE-----";
  const [, ...blocks] = pem.split(begin);
  if (blocks.length === 0) throw new Error("no certificate in PEM");
  for (const block of blocks) new X509Certificate(begin + block);
}

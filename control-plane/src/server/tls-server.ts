import { constants, X509Certificate } from "node:crypto";
import { createSecureServer, type Http2SecureServer, type Http2ServerRequest, type Http2ServerResponse } from "node:http2";
import { createSecureContext, type SecureContextOptions } from "node:tls";
import { boundedHttp2Options } from "meshless/server-hooks";
import type { Clock } from "../clock.ts";
import { FollowedFiles, type FollowedFilesObserver } from "../files/followed-files.ts";

/** Paths of PEM files, which are followed; relative ones start at the working directory. */
export interface TlsServerFiles {
  /** The server's certificate, with its chain. */
  readonly cert: string;
  /** The private key of `cert`, without a passphrase. */
  readonly key: string;
  /** The authorities that sign for clients. With them, a client has to show a certificate. */
  readonly clientCa?: string | undefined;
}

export interface TlsServerOptions {
  readonly files: TlsServerFiles;
  /** Whether clients may do without a certificate, because they have other ways to show who they are. */
  readonly mayLackCertificate: boolean;
  readonly observer: FollowedFilesObserver & {
    /** No connection came about: the client speaks no TLS, for one, or has not the certificate that it needs. */
    refused(peer: string, error: Error): void;
  };
}

/** The two files of a pair are written one after the other, and a chain in parts: after so long they are whole. */
const timing = { settleMs: 1_000, pollIntervalMs: 10_000 };

/** HTTP/2 over TLS with certificates from files. New ones are for connections that are made from then on; those that there are stay as they are. */
export class TlsServer {
  readonly server: Http2SecureServer;
  readonly #files: FollowedFiles<keyof TlsServerFiles>;

  /** @throws Error that says which file can't be used */
  constructor(
    handler: (request: Http2ServerRequest, response: Http2ServerResponse) => void,
    clock: Clock,
    { files: { cert, key, clientCa }, mayLackCertificate, observer }: TlsServerOptions,
  ) {
    const paths = { cert, key, ...(clientCa !== undefined && { clientCa }) } as Record<keyof TlsServerFiles, string>;
    let server: Http2SecureServer | undefined;
    let context: SecureContextOptions = {};
    this.#files = new FollowedFiles(paths, (texts) => {
      context = contextOf(paths, texts);
      server?.setSecureContext(context);
    });
    server = createSecureServer(
      boundedHttp2Options({ ...context, requestCert: clientCa !== undefined, rejectUnauthorized: !mayLackCertificate }),
      handler,
    );
    server.on("tlsClientError", (error, { remoteAddress, remotePort }) => observer.refused(`${remoteAddress}:${remotePort}`, error));
    this.server = server;
    this.#files.follow(observer, { clock, ...timing });
  }

  close(): void {
    this.#files.close();
  }
}

function contextOf(paths: TlsServerFiles, texts: TlsServerFiles): SecureContextOptions {
  assertCertificates(paths.cert, texts.cert);
  if (paths.clientCa !== undefined) assertCertificates(paths.clientCa, texts.clientCa ?? "");
  // A client that comes back by a ticket would not be asked again who it is.
  const options = { cert: texts.cert, key: texts.key, ca: texts.clientCa, secureOptions: constants.SSL_OP_NO_TICKET };
  try {
    createSecureContext(options);
    return options;
  } catch (cause) {
    throw new Error(`${paths.cert} and ${paths.key}: ${(cause as Error).message}`, { cause });
  }
}

/** What `createSecureContext` lets pass: where there is no authority it takes those of Node.js, who sign for anybody. */
function assertCertificates(path: string, pem: string): void {
  const begin = "-----BEGIN CERTIFICATE-----";
  const [, ...blocks] = pem.split(begin);
  try {
    if (blocks.length === 0) throw new Error("no certificate in PEM");
    for (const block of blocks) new X509Certificate(begin + block);
  } catch (cause) {
    throw new Error(`${path}: ${(cause as Error).message}`, { cause });
  }
}

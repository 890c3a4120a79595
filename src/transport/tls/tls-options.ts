import type * as http2 from "node:http2";
import { optionsOf, required, such, text } from "../../check-options.ts";
import { ConfigurationError } from "../../configuration-error.ts";
import type { TlsFiles } from "./tls-files.ts";
import type { SpiffeOptions } from "./tls-spiffe.ts";

/** TLS as Node.js takes it: `ca`, `cert`, `key`, `servername` and the rest of `http2.connect`'s options; and more for production. */
export interface TlsOptions extends http2.SecureClientSessionOptions {
  /** Certificates and key from files, which are followed: a rotation needs no restart and costs no call. */
  readonly files?: TlsFiles | undefined;
  /** Who the server must be, by SPIFFE ID. Takes the place of the check of its DNS name; `checkServerIdentity`, if given, is asked as well. */
  readonly spiffe?: SpiffeOptions | undefined;
}

/** Undefined for h2c. */
export function toTlsOptions(tls: boolean | TlsOptions): TlsOptions | undefined {
  if (tls === false) return undefined;
  return tls === true ? {} : tls;
}

/** What else there is belongs to Node.js, which checks it. */
export const checkTls = optionsOf<Pick<TlsOptions, "files" | "spiffe">>(
  {
    files: optionsOf<TlsFiles>({ ca: text, cert: text, key: text }),
    spiffe: optionsOf<SpiffeOptions>({
      trustDomain: required(text),
      id: such("a text, a pattern or a function", (id) => typeof id === "string" || id instanceof RegExp || typeof id === "function"),
    }),
  },
  "any",
);

/** @throws ConfigurationError for options of which one would silently undo another */
export function assertTlsOptions(options: TlsOptions): void {
  const { files, spiffe } = options;
  // On a resumed session Node.js doesn't ask who the server is, and one ticket would serve every endpoint.
  if (options.session !== undefined)
    throw new ConfigurationError("tls.session: it would skip the check of the server's identity; leave it out");
  if (spiffe !== undefined && options.rejectUnauthorized === false) {
    throw new ConfigurationError("tls.rejectUnauthorized: false would skip tls.spiffe; leave one of them out");
  }
  if (spiffe !== undefined && options.createConnection !== undefined) {
    throw new ConfigurationError("tls.createConnection: it makes connections that tls.spiffe does not see; leave one of them out");
  }
  if (files === undefined) return assertPem(options);
  if ((files.cert === undefined) !== (files.key === undefined)) {
    throw new ConfigurationError("tls.files: cert and key belong together; give both, which may be one file");
  }
  const rivals = ["secureContext", "pfx", ...Object.keys(files)] as readonly (keyof TlsOptions)[];
  const rival = rivals.find((name) => options[name] !== undefined);
  if (rival !== undefined) throw new ConfigurationError(`tls.${rival}: it and tls.files exclude each other; leave one of them out`);
}

/** Node.js takes a path for a certificate that it can't read, and trusts nobody. */
function assertPem(options: TlsOptions): void {
  for (const name of ["ca", "cert", "key"] as const) {
    for (const given of [options[name]].flat()) {
      const text = typeof given === "string" || given instanceof Uint8Array ? Buffer.from(given).toString("latin1") : undefined;
      if (text !== undefined && !text.includes("-----BEGIN ")) throw notPem(name, text);
    }
  }
}

function notPem(name: "ca" | "cert" | "key", text: string): ConfigurationError {
  if (name === "key") return new ConfigurationError("tls.key: expected a key in PEM; read the file, or give its path as tls.files.key");
  const isPath = /^[ -~]{1,256}$/.test(text);
  const shown = isPath ? `, got ${JSON.stringify(text)}` : "";
  const advice = isPath ? `, or write tls: { files: { ${name}: ${JSON.stringify(text)} } }` : "";
  return new ConfigurationError(`tls.${name}: expected a certificate in PEM${shown}; read the file${advice}`);
}

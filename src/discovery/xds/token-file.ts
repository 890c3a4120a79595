import { resolve } from "node:path";
import { ConfigurationError } from "../../configuration-error.ts";
import { toError } from "../../to-error.ts";
import { readBounded } from "../read-bounded.ts";
import type { ControlPlaneOptions } from "./bootstrap.ts";
import type { FoundControlPlane } from "./found-control-plane.ts";

const maxBytes = 16 * 1024;

/**
 * Which file has the token for a control plane.
 *
 * @param isEncrypted whether it is reached by TLS
 * @throws ConfigurationError for one that would travel in clear
 */
export function tokenFileFor(
  server: FoundControlPlane,
  options: Pick<ControlPlaneOptions, "tokenFile" | "allowPlaintextToken">,
  isEncrypted: boolean,
): string | undefined {
  if (options.tokenFile === false) return undefined;
  const wanted = options.tokenFile ?? server.tokenFile;
  if (wanted === undefined) return isEncrypted ? server.usualTokenFile : undefined;
  if (isEncrypted || options.allowPlaintextToken) return resolve(wanted);
  const named = options.tokenFile === undefined ? "jwt_token_file in call_creds of gRPC's bootstrap" : "discovery.xds.tokenFile";
  throw new ConfigurationError(
    `${named}: without TLS whoever reads along could use the token; set discovery.xds.tls, or discovery.xds.allowPlaintextToken where something else encrypts`,
  );
}

/** Tokens are short-lived files: what is read now may be another one than before. */
export async function readToken(path: string): Promise<string> {
  try {
    const token = (await readBounded(path, maxBytes)).trim();
    if (!/^[!-~]+$/.test(token)) throw new Error("expected one token and nothing else");
    return token;
  } catch (cause) {
    throw new Error(`the token for the control plane, ${path}: ${toError(cause).message}`, { cause });
  }
}

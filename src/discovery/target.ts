import { fileURLToPath } from "node:url";
import { ConfigurationError } from "../configuration-error.ts";

const schemes = ["xds", "dns", "static", "file"] as const;

/** Says how endpoints are found. */
export type Scheme = (typeof schemes)[number];

const examples: Readonly<Record<Scheme, string>> = {
  xds: `"xds:///checkout.shop:grpc"`,
  dns: `"dns:///checkout.shop:8080"`,
  static: `"static:///10.0.0.1:80,10.0.0.2:80"`,
  file: `"file:///etc/endpoints.json"`,
};

/** A target taken apart: `dns:///checkout.shop:8080` is scheme `dns` and name `checkout.shop:8080`. */
export interface Target {
  readonly scheme: Scheme;
  /** What the scheme's source is to watch. For `file` a path, decoded if it was written as a URL with `//`. */
  readonly name: string;
}

/**
 * Takes a target apart: `scheme:///name` or `scheme:name`, as in gRPC. What the name must look like is up to the scheme's source.
 *
 * @throws ConfigurationError that shows the right form: without a scheme, with an unknown one, with an authority, without a name
 * @see https://github.com/grpc/grpc/blob/master/doc/naming.md
 */
export function parseTarget(target: string): Target {
  const [, written = "", rest = ""] = /^([a-z][a-z0-9+.-]*):(.*)$/is.exec(target) ?? [];
  const scheme = schemes.find((known) => known === written.toLowerCase());
  if (scheme === undefined) throw badTarget(target, unknownScheme(target, written, rest));
  const name = readName(target, scheme, rest);
  if (name === "") throw badTarget(target, `names nothing; write ${examples[scheme]}`);
  return { scheme, name };
}

function readName(target: string, scheme: Scheme, rest: string): string {
  if (!rest.startsWith("//")) return rest;
  const slash = rest.indexOf("/", 2);
  const authority = rest.slice(2, slash === -1 ? undefined : slash);
  const path = slash === -1 ? "" : rest.slice(slash + 1);
  if (authority !== "") throw badTarget(target, unsupportedAuthority(scheme, authority, path));
  if (scheme !== "file" || path === "") return path;
  try {
    return fileURLToPath(`file:///${path}`);
  } catch (error) {
    throw badTarget(target, `is no valid file URL (${(error as Error).message}); write ${examples[scheme]}`);
  }
}

function unsupportedAuthority(scheme: Scheme, authority: string, path: string): string {
  if (path === "") return `has two slashes where three are needed; write "${scheme}:///${authority}"`;
  const meant = scheme === "file" ? `${authority}/${path}` : path;
  return `has an authority, "${authority}", which is not supported; write "${scheme}:///${meant}" with three slashes`;
}

function unknownScheme(target: string, scheme: string, rest: string): string {
  if (/^https?$/i.test(scheme)) return `is a URL; write "dns:///${rest.replace(/^\/*([^/]*).*$/s, "$1")}", with a port`;
  // In checkout.shop:8080 the host reads like a scheme.
  const isHostPort = /^\d+$/.test(rest) || (scheme.includes(".") && !rest.startsWith("/"));
  if (scheme === "" || isHostPort) return `has no scheme; write ${likelyForm(target)}`;
  return `has an unknown scheme, "${scheme}"; known are ${schemes.map((known) => `${known}:`).join(", ")}`;
}

function likelyForm(target: string): string {
  if (target.includes(",")) return `"static:///${target}"`;
  if (/\.json$/i.test(target)) return `"file:${target}"`;
  return /:\d+$/.test(target) ? `"dns:///${target}"` : examples.dns;
}

function badTarget(target: string, problem: string): ConfigurationError {
  return new ConfigurationError(`target ${JSON.stringify(target)} ${problem}`);
}

import { isIP } from "node:net";
import { splitHostPort } from "../host-port.ts";
import { parseTarget } from "../target.ts";

const loopback = ["127.0.0.0/8", "::1"] as const;

/**
 * The addresses that a control plane may name as endpoints beside the usual ones, where nobody said which: a control plane on loopback, those on loopback.
 * Whoever can answer there is on this machine already, and development is.
 *
 * @param target of the control plane: `dns:` or `static:`
 */
export function addressesAllowedTo(target: string): readonly string[] {
  const hosts = parseTarget(target)
    .name.split(",")
    .map((address) => splitHostPort(address.trim())?.host ?? "");
  return hosts.every(isLoopback) ? loopback : [];
}

function isLoopback(host: string): boolean {
  if (isIP(host) === 0) return /^(.+\.)?localhost\.?$/i.test(host);
  return host.startsWith("127.") || host === "::1";
}

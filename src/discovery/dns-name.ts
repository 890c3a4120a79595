import { isIP } from "node:net";
import { ConfigurationError } from "../configuration-error.ts";
import { hostAndPort } from "../host-and-port.ts";
import { isHost, splitHostPort, toPort } from "./host-port.ts";

/** What a `dns:` target asks for. */
export type DnsName =
  /** An IP address, which needs no look-up. */
  | { readonly kind: "literal"; readonly address: string; readonly port: number }
  /** The addresses of a host. */
  | { readonly kind: "host"; readonly host: string; readonly port: number }
  /** An SRV name, which brings its own ports. */
  | { readonly kind: "srv"; readonly name: string };

/**
 * Reads the name of a `dns:` target: `checkout.shop:8080`, `10.0.0.1:80`, `[::1]:80`, or for SRV `_grpc._tcp.checkout.shop.svc.cluster.local`.
 *
 * @throws ConfigurationError that shows the right form
 */
export function parseDnsName(name: string): DnsName {
  const parts = splitHostPort(name);
  if (parts === undefined || !isHost(parts.host)) {
    throw new ConfigurationError(`dns: ${JSON.stringify(name)} is no host and port; write ${rightForm(name)}`);
  }
  return parts.host.startsWith("_") ? srvName(parts.host, parts.port) : hostName(parts.host, parts.port);
}

function srvName(name: string, port: string | undefined): DnsName {
  if (port === undefined) return { kind: "srv", name };
  throw new ConfigurationError(`dns: ${name} is an SRV name, which brings its own ports; write dns:///${name} without :${port}`);
}

function hostName(host: string, portText: string | undefined): DnsName {
  if (portText === undefined || portText === "") {
    const orSrv = isIP(host) === 0 ? `, or for SRV dns:///_grpc._tcp.${host}` : "";
    throw new ConfigurationError(`dns: ${host} has no port; write ${rightForm(host)}${orSrv}`);
  }
  const port = toPort(portText);
  if (port === undefined) {
    const hint = isHost(portText) ? `a port's name needs SRV; write dns:///_${portText}._tcp.${host}` : "it must be 1 to 65535";
    throw new ConfigurationError(`dns: ${host} has a bad port, ${JSON.stringify(portText)}: ${hint}`);
  }
  return isIP(host) === 0 ? { kind: "host", host, port } : { kind: "literal", address: host, port };
}

function rightForm(name: string): string {
  return `dns:///${isHost(name) ? hostAndPort(name, 8080) : "checkout.shop:8080"}`;
}

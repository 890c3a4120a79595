import { isIP } from "node:net";
import { ConfigurationError, expected } from "../../configuration-error.ts";
import { hostAndPort } from "../../host-and-port.ts";
import { toError } from "../../to-error.ts";
import { isHost, splitHostPort, toPort } from "../host-port.ts";
import { sourceFor } from "../sources.ts";

/**
 * The target of a control plane's address, which may be a target.
 *
 * @param path of what gives it
 * @throws ConfigurationError that shows the right form
 */
export function toControlPlaneTarget(address: string, path: string): string {
  if (/^(dns|static):/.test(address)) return checkedTarget(address, path);
  const { host = "", port: portText = "" } = splitHostPort(address) ?? {};
  const port = toPort(portText);
  if (port === undefined || !isHost(host)) {
    throw new ConfigurationError(
      expected(path, 'a host and a port, such as "control-plane.infra:18000", or a dns: or static: target', address),
    );
  }
  return `${isIP(host) === 0 ? "dns" : "static"}:///${hostAndPort(host, port)}`;
}

function checkedTarget(target: string, path: string): string {
  try {
    sourceFor(target);
  } catch (error) {
    throw new ConfigurationError(`${path}: ${toError(error).message}`);
  }
  return target;
}

import { isIP } from "node:net";
import type { Endpoint } from "../../endpoint.ts";
import type { Address } from "../../gen/envoy/config/core/v3/address_pb.ts";
import type { Metadata } from "../../gen/envoy/config/core/v3/base_pb.ts";
import type { LbEndpoint } from "../../gen/envoy/config/endpoint/v3/endpoint_components_pb.ts";
import { hostAndPort } from "../../host-and-port.ts";
import type { AddressRules } from "../address-rules.ts";
import { checkName, fieldChecks } from "../endpoint-fields.ts";
import type { Problems } from "./problems.ts";
import { readMetadata } from "./proto-fields.ts";

/** What an endpoint says of itself; the rest comes from its locality. */
export type EndpointFields = Pick<Endpoint, "id" | "address" | "port" | "weight" | "labels">;

/** Where labels are, the later before the earlier: the usual place of subsets and shards, and our own. */
const namespaces = ["envoy.lb", "meshless"] as const;
const maxLabels = 64;
const maxLength = 256;
const noLabels: Endpoint["labels"] = Object.freeze(Object.create(null));

/** An endpoint is an IP address that the rules allow, and a port; undefined if there is a problem. */
export function readEndpoint(lbEndpoint: LbEndpoint, path: string, problems: Problems, rules: AddressRules): EndpointFields | undefined {
  const { hostIdentifier, loadBalancingWeight = 1, metadata } = lbEndpoint;
  if (hostIdentifier.case === undefined) return problems.add(`${path}: has no endpoint that is understood`);
  const addressPath = `${path}.endpoint.address`;
  const socket = readSocket(hostIdentifier.value.address, addressPath, problems);
  if (socket === undefined) return undefined;
  const { address, port } = socket;
  if (isIP(address) === 0) return problems.unexpected(`${addressPath}.socket_address.address`, "an IP address", address);
  if (!rules.allows(address)) {
    const expected = "an address that may be an endpoint (discovery.xds.allowAddresses has more)";
    return problems.unexpected(`${addressPath}.socket_address.address`, expected, address);
  }
  const { id, labels } = readLabels(metadata);
  const name = id === undefined ? hostAndPort(address, port) : problems.checked(id, `${path}.metadata id`, checkName);
  const weight = problems.checked(loadBalancingWeight, `${path}.load_balancing_weight`, fieldChecks.weight);
  return name === undefined || weight === undefined ? undefined : { id: name, address, port, weight, labels };
}

/** A host and a port of TCP. */
export function readSocket(
  address: Address | undefined,
  path: string,
  problems: Problems,
): { readonly address: string; readonly port: number } | undefined {
  if (address?.address.case !== "socketAddress") return problems.add(`${path}: has no socket_address`);
  const { address: host, portSpecifier, protocol } = address.address.value;
  if (protocol !== 0) return problems.unexpected(`${path}.socket_address.protocol`, "TCP", protocol);
  const checked = problems.checked(host, `${path}.socket_address.address`, fieldChecks.address);
  const port = problems.checked(Number(portSpecifier.value), `${path}.socket_address.port_value`, fieldChecks.port);
  return checked === undefined || port === undefined ? undefined : { address: checked, port };
}

/** Texts, numbers and booleans become labels, but for the id. What does not fit a label is for others to read, and is no problem. */
function readLabels(metadata: Metadata | undefined): { readonly id: string | undefined; readonly labels: Endpoint["labels"] } {
  if (metadata === undefined) return { id: undefined, labels: noLabels };
  // Without a prototype, so that a label `__proto__` is a label and looking up `constructor` finds nothing.
  const labels: Record<string, string> = Object.create(null);
  let id: string | undefined;
  let count = 0;
  for (const name of namespaces) {
    for (const [key, value] of Object.entries(readMetadata(metadata, name))) {
      if (value === null || typeof value === "object") continue;
      const text = String(value);
      if (key === "id") id = text;
      else if (isText(key) && isText(text) && count++ < maxLabels) labels[key] = text;
    }
  }
  return { id, labels };
}

function isText(text: string): boolean {
  return text.length >= 1 && text.length <= maxLength && !/\p{Cc}/u.test(text);
}

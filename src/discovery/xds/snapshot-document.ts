import { list, optionsOf, required, such, text } from "../../check-options.ts";
import { ConfigurationError, expected } from "../../configuration-error.ts";
import type { Endpoint } from "../../endpoint.ts";
import { isObject } from "../../is-object.ts";
import type { ServiceConfig } from "../../service-config.ts";
import { show } from "../../show.ts";
import type { AddressRules } from "../address-rules.ts";
import { readEndpoints } from "../endpoint-input.ts";

const format = "meshless-xds-snapshot-1";
/** Of the services that a file is about, the oldest are forgotten beyond that. */
const maxServices = 1_000;

/** What a control plane said of a service, and when. */
export interface ServiceSnapshot extends SnapshotKey {
  /** In ms since 1970. */
  readonly savedAtMs: number;
  readonly endpoints: readonly Endpoint[];
  readonly config?: ServiceConfig | undefined;
}

/** The same name may be another service where another control plane is asked. */
export interface SnapshotKey {
  readonly service: string;
  /** Its target. */
  readonly controlPlane: string;
}

interface Document {
  readonly format: string;
  readonly services: readonly UnreadService[];
}

type UnreadService = Omit<ServiceSnapshot, "endpoints"> & { readonly endpoints: unknown };

const checkService = optionsOf<UnreadService>(
  {
    service: required(text),
    controlPlane: required(text),
    savedAtMs: required(such("a time in ms", (value) => typeof value === "number" && value >= 0 && value <= 8.64e15)),
    endpoints: () => [],
    config: such("an object", isObject),
  },
  "any",
);

/** So that a hostile file is wrong in some thousand places at most. */
const isShort = (value: unknown) => Array.isArray(value) && value.length <= maxServices;

const check = optionsOf<Document>({
  format: required(such(JSON.stringify(format), (value) => value === format)),
  services: required((value, path) => [
    ...such(`a list of at most ${maxServices} services`, isShort)(value, path),
    ...(isShort(value) ? list("", checkService)(value, path) : []),
  ]),
});

/**
 * Finds a service in the text of a snapshot file.
 *
 * @throws SyntaxError for what is no JSON, ConfigurationError that names what is wrong
 */
export function readSnapshot(json: string, key: SnapshotKey, rules: AddressRules): ServiceSnapshot {
  const services = readServices(json);
  const index = services.findIndex((other) => isOf(other, key));
  const found = services[index];
  if (found === undefined) {
    const known = services.slice(0, 3).map(({ service, controlPlane }) => `${show(service)} of ${show(controlPlane)}`);
    const what = known.length === 0 ? "no service" : `${known.join(", ")}${services.length > 3 ? ", ..." : ""}`;
    throw new ConfigurationError(`it has ${what}, and not ${key.service} of ${key.controlPlane}`);
  }
  const path = `services[${index}].endpoints`;
  const endpoints = readEndpoints(found.endpoints, path);
  for (const [place, { address }] of endpoints.entries()) {
    if (!rules.allows(address))
      throw new ConfigurationError(expected(`${path}[${place}].address`, "an address that may be an endpoint", address));
  }
  return { ...found, endpoints };
}

/** The text with the snapshot in it, in place of an older one of the same service. What can't be read is left out. */
export function withSnapshot(json: string, snapshot: ServiceSnapshot): string {
  const others = readOthers(json).filter((other) => !isOf(other, snapshot));
  return JSON.stringify({ format, services: [snapshot, ...others.slice(0, maxServices - 1)] });
}

function readOthers(json: string): readonly UnreadService[] {
  try {
    return readServices(json);
  } catch {
    return [];
  }
}

function readServices(json: string): readonly UnreadService[] {
  const document: unknown = JSON.parse(json);
  const [problem] = check(document, "");
  if (problem !== undefined) throw new ConfigurationError(problem);
  return (document as Document).services;
}

function isOf(one: SnapshotKey, other: SnapshotKey): boolean {
  return one.service === other.service && one.controlPlane === other.controlPlane;
}

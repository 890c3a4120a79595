import { isDeepStrictEqual } from "node:util";
import type { ServicePort, WatchedService } from "meshless-kubernetes";
import type { Service, ServiceEndpoint } from "../service.ts";
import { parseServiceName } from "./parse-service-name.ts";
import { type AnnotatedSettings, nothingSaid, readServiceAnnotations } from "./service-annotations.ts";

/** What becomes of a Service of Kubernetes. */
export interface Translation {
  /** One for each port over TCP. */
  readonly services: readonly Service[];
  readonly annotated: AnnotatedSettings;
  /** What a person has to mend, one sentence each. */
  readonly problems: readonly string[];
}

export const nothing: Translation = { services: [], annotated: nothingSaid, problems: [] };

/** @param before what became of it the last time: what is no other one is the same object */
export function toServices({ namespace, name, ports, annotations, problems }: WatchedService, before: Translation): Translation {
  const annotated = readServiceAnnotations(annotations, before.annotated);
  const translations = ports.map((port) => toService(`${name}.${namespace}:${port.port}`, port, annotated, before.services));
  return {
    services: translations.flatMap(({ services }) => services),
    annotated,
    problems: [...new Set([...problems, ...annotated.problems, ...translations.flatMap(({ problems }) => problems)])],
  };
}

function toService(
  text: string,
  port: ServicePort,
  { settings: { fallback: names = [], ...settings } }: AnnotatedSettings,
  before: readonly Service[],
): Pick<Translation, "services" | "problems"> {
  const name = parseServiceName(text);
  if (name === undefined) return { services: [], problems: [`${text} is no name that clients can ask for`] };
  const portName = port.name === "" ? undefined : port.name;
  const fallback = names.map((other) => (other.includes(":") ? other : `${other}:${port.port}`)).filter((other) => other !== text);
  const { affinity = port.affinity } = settings;
  const last = before.find((other) => other.name.text === text);
  const endpoints = affinity === "zone" ? port.endpoints : withNodes(port.endpoints, last?.endpoints);
  const now: Service = { name, portName, fallback, endpoints, ...settings, ...(affinity !== "zone" && { affinity }) };
  // Endpoints are compared by whether they are the same objects: there may be thousands.
  const isSame = last?.endpoints === endpoints && isDeepStrictEqual({ ...last, endpoints: [] }, { ...now, endpoints: [] });
  return { services: [isSame ? last : now], problems: [] };
}

/** One that stays is the same object to the end. */
const made = new WeakMap<ServiceEndpoint, ServiceEndpoint>();

/** With labels for clients that look for those of their own node. Nobody else is sent them. */
function withNodes(endpoints: ServicePort["endpoints"], before: Service["endpoints"] = []): Service["endpoints"] {
  const labelled = endpoints.map((endpoint) => {
    if (endpoint.node === "") return endpoint;
    const known = made.get(endpoint) ?? { ...endpoint, labels: { ...endpoint.labels, node: endpoint.node } };
    made.set(endpoint, known);
    return known;
  });
  return labelled.length === before.length && labelled.every((endpoint, index) => endpoint === before[index]) ? before : labelled;
}

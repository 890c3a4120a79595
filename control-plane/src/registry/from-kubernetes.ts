import type { ServicePort, WatchedService } from "meshless-kubernetes";
import type { Service } from "../service.ts";
import { parseServiceName } from "./parse-service-name.ts";

/** What becomes of a Service of Kubernetes. */
export interface Translation {
  /** One for each port over TCP. */
  readonly services: readonly Service[];
  /** What a person has to mend, one sentence each. */
  readonly problems: readonly string[];
}

/** @param before what became of it the last time: what is no other one is the same object */
export function toServices({ namespace, name, ports, problems }: WatchedService, before: readonly Service[]): Translation {
  const translations = ports.map((port) => toService(`${name}.${namespace}:${port.port}`, port, before));
  return {
    services: translations.flatMap(({ services }) => services),
    problems: [...problems, ...translations.flatMap(({ problems }) => problems)],
  };
}

function toService(text: string, port: ServicePort, before: readonly Service[]): Translation {
  const name = parseServiceName(text);
  if (name === undefined) return { services: [], problems: [`${text} is no name that clients can ask for`] };
  const portName = port.name === "" ? undefined : port.name;
  const same = before.find((other) => other.name.text === text && other.portName === portName && other.endpoints === port.endpoints);
  return { services: [same ?? { name, portName, fallback: [], endpoints: port.endpoints }], problems: [] };
}

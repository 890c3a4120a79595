import type { Service } from "../../service.ts";
import { parseServiceName } from "../parse-service-name.ts";
import type { EndpointSettings } from "./endpoint-settings.ts";
import type { EndpointSlice } from "./read-endpoint-slice.ts";
import type { Pod } from "./read-pod.ts";
import type { KubernetesService, NamedPort } from "./read-service.ts";
import { serviceEndpoints } from "./service-endpoints.ts";

/** What becomes of a Service of Kubernetes. */
export interface Translation {
  /** One for each port over TCP. */
  readonly services: readonly Service[];
  /** What a person has to mend, one sentence each. */
  readonly problems: readonly string[];
}

/** What becomes of all Services alike. */
export interface TranslationRules {
  /** Whether only pods that Kubernetes found by the selector of a Service are its endpoints. */
  readonly ownPodsOnly: boolean;
  /** What is known of pods, by their uid. */
  readonly pods: ReadonlyMap<string, Pod>;
}

export function toServices(service: KubernetesService, slices: readonly EndpointSlice[], rules: TranslationRules): Translation {
  if (service.externalName !== undefined) return externalName(service.externalName);
  const own = rules.ownPodsOnly ? ownPods(service, slices) : slices;
  const left = slices.length - own.length;
  const ports = service.ports.filter(({ protocol }) => protocol === "TCP");
  const translations = ports.map((port) => toService(service, port, own, rules.pods));
  return {
    services: translations.flatMap(({ services }) => services),
    problems: [
      ...translations.flatMap(({ problems }) => problems),
      ...problemsOf(own, rules.pods),
      ...(left > 0
        ? [`${left} EndpointSlices are left out: Kubernetes did not write them from a selector, and only its own pods are wanted`]
        : []),
    ],
  };
}

function problemsOf(slices: readonly EndpointSlice[], pods: ReadonlyMap<string, Pod>): readonly string[] {
  const told = (kind: string, name: string, { problems }: EndpointSettings) =>
    problems.map((problem) => `${kind} ${name}: ${problem}; it is ignored`);
  const podsOf = ({ endpoints }: EndpointSlice) => endpoints.flatMap(({ podUid }) => pods.get(podUid ?? "") ?? []);
  return slices.flatMap((slice) => [
    ...told("EndpointSlice", slice.name, slice.settings),
    ...podsOf(slice).flatMap(({ name, settings }) => told("Pod", name, settings)),
  ]);
}

function ownPods({ hasSelector }: KubernetesService, slices: readonly EndpointSlice[]): readonly EndpointSlice[] {
  return slices
    .filter(({ isFromSelector }) => hasSelector && isFromSelector)
    .map((slice) => ({ ...slice, endpoints: slice.endpoints.filter(({ podUid }) => podUid !== undefined) }));
}

function externalName(host: string): Translation {
  return {
    services: [],
    problems: [
      `it is another name for ${JSON.stringify(host)} (ExternalName) and has no endpoints: let clients call that host, as in dns:///${host}:443`,
    ],
  };
}

function toService(
  service: KubernetesService,
  port: NamedPort,
  slices: readonly EndpointSlice[],
  pods: ReadonlyMap<string, Pod>,
): Translation {
  const text = `${service.name}.${service.namespace}:${port.port}`;
  const name = parseServiceName(text);
  if (name === undefined) return { services: [], problems: [`${text} is no name that clients can ask for`] };
  // One that looks like a number would be taken for it.
  const portName = /[a-z]/.test(port.name) ? port.name : undefined;
  return { services: [{ name, portName, fallback: [], endpoints: serviceEndpoints(service, port, slices, pods) }], problems: [] };
}

import type { EndpointSettings } from "./endpoint-settings.ts";
import type { EndpointSlice } from "./read-endpoint-slice.ts";
import type { Pod } from "./read-pod.ts";
import type { KubernetesService, NamedPort } from "./read-service.ts";
import { serviceEndpoints } from "./service-endpoints.ts";
import type { ServicePort, WatchedService } from "./watched-service.ts";

/** What becomes of all Services alike. */
export interface TranslationRules {
  /** Whether only pods that Kubernetes found by the selector of a Service are its endpoints. */
  readonly ownPodsOnly: boolean;
  /** What is known of pods, by their uid. */
  readonly pods: ReadonlyMap<string, Pod>;
}

/** Joins a Service and its slices. */
export function toWatchedService(service: KubernetesService, slices: readonly EndpointSlice[], rules: TranslationRules): WatchedService {
  const { namespace, name, annotations, externalName } = service;
  if (externalName !== undefined) return { namespace, name, annotations, ports: [], problems: [externalNameProblem(externalName)] };
  const own = rules.ownPodsOnly ? ownPods(service, slices) : slices;
  const ports = service.ports.filter(({ protocol }) => protocol === "TCP");
  return {
    namespace,
    name,
    annotations,
    ports: ports.flatMap((port) => toPort(service, port, own, rules.pods)),
    problems: [...problemsOf(own, rules.pods), ...leftOutProblems(slices.length - own.length), ...protocolProblems(service)],
  };
}

function toPort(
  service: KubernetesService,
  port: NamedPort,
  slices: readonly EndpointSlice[],
  pods: ReadonlyMap<string, Pod>,
): readonly ServicePort[] {
  if (port.port === undefined) return [];
  // A name that looks like a number would be taken for it.
  const name = /[a-z]/.test(port.name) ? port.name : "";
  return [{ port: port.port, name, ...serviceEndpoints(service, port, slices, pods) }];
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

function leftOutProblems(count: number): readonly string[] {
  if (count === 0) return [];
  return [`${count} EndpointSlices are left out: Kubernetes did not write them from a selector, and only its own pods are wanted`];
}

/** What is not HTTP/2, by the names of IANA and Kubernetes. */
const others = new Set(["http", "http/1.1", "ws", "wss", "kubernetes.io/ws", "kubernetes.io/wss"]);

/** Only where something is said to our clients: most Services are not called by them. */
function protocolProblems({ annotations, ports }: KubernetesService): readonly string[] {
  if (Object.keys(annotations).length === 0) return [];
  const spoken = ports.filter(({ appProtocol }) => others.has(appProtocol));
  return spoken.map(
    ({ port, appProtocol }) =>
      `port ${port} speaks ${appProtocol} (appProtocol), and clients HTTP/2: say kubernetes.io/h2c if its servers do too`,
  );
}

function externalNameProblem(host: string): string {
  return `it is another name for ${JSON.stringify(host)} (ExternalName) and has no endpoints: let clients call that host, as in dns:///${host}:443`;
}

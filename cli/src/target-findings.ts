import type { BalancedTransport, TransportSnapshot } from "meshless";
import type { Environment } from "./environment.ts";
import { type Finding, fail, ok, warn } from "./finding.ts";
import { openTarget, settled, type TargetOptions, watchUntil } from "./target-options.ts";

/** How often servers are asked to report, in ms, and how long a first report may take. */
const reportIntervalMs = 500;
const reportPatienceMs = 3_000;

/** Whether the endpoints of a target are known, can be reached, can be told apart by zone, and report their load. */
export async function* targetFindings(target: string, options: TargetOptions, environment: Environment): AsyncGenerator<Finding, void> {
  await using transport = openTarget(target, options, { reportIntervalMs });
  const snapshot = await settled(transport, options, environment);
  const known = endpointsFinding(target, snapshot);
  yield known;
  if (known.status === "fail") return;
  yield* reachFindings(snapshot, options);
  yield addressFinding(snapshot);
  yield zoneFinding(snapshot);
  if (snapshot.endpoints.some(({ connectivity }) => connectivity === "ready")) yield await reportFinding(transport, environment);
}

function endpointsFinding(target: string, { state, endpoints, sourceError, notices }: TransportSnapshot): Finding {
  const name = "endpoints";
  if (state === "noSuchService")
    return fail(
      name,
      `there is no such service as ${target}`,
      "is it spelled as the registry has it, with its port? A closed control plane says so as well of what this client may not have: look at the clients of the service",
    );
  if (state === "waiting")
    return fail(name, sourceError ?? "the source has not answered in time", adviceForSource(sourceError ?? "", target));
  if (endpoints.length === 0) return fail(name, "there are none just now", "does any server of it run, and is it ready?");
  const unusable = notices.find(({ code }) => code === "snapshot-unusable");
  return unusable === undefined
    ? ok(name, `${endpoints.length} of ${target}`)
    : warn(name, unusable.message, "give a path that can be written");
}

function adviceForSource(problem: string, target: string): string {
  if (/can't be checked/.test(problem))
    return "the control plane has tokens checked by its apiserver: may its ServiceAccount create tokenreviews.authentication.k8s.io? Its log says why not";
  if (/expected a token/.test(problem)) return "it wants to know who its clients are: give --token-file, and --control-plane-ca";
  if (/token expired/.test(problem))
    return "kubelet renews a token that it has projected: is that what is mounted, and is it read by that path?";
  if (/unauthenticated/i.test(problem)) return "its token or certificate is not accepted: is it meant for this control plane?";
  if (/permission/i.test(problem)) return "this client may not have the service: look at the allow-list of the control plane";
  if (/does not answer since/.test(problem)) return "first of all, the control plane has to answer";
  if (/ENOTFOUND|not found|NXDOMAIN/i.test(problem)) return "is the name right? In Kubernetes it is service.namespace.svc.cluster.local";
  if (target.startsWith("xds:")) return "does the control plane know the service? `meshless-cli check` without a target checks it alone";
  return "is the name right, and can its source be reached from here?";
}

function* reachFindings({ endpoints }: TransportSnapshot, { tls, ca }: TargetOptions): Generator<Finding> {
  const name = "sessions";
  const ready = endpoints.filter(({ connectivity }) => connectivity === "ready").length;
  const failure = endpoints.map(({ lastFailure }) => lastFailure).find((problem) => problem !== undefined);
  if (ready === endpoints.length) return yield ok(name, `all ${ready} endpoints are reached`);
  const found = `${ready} of ${endpoints.length} endpoints are reached${failure === undefined ? "" : `: ${failure}`}`;
  const isRefused = failure !== undefined && /ECONNREFUSED/.test(failure);
  const next = isRefused
    ? "do they run, and is this their port?"
    : tls || ca !== undefined
      ? "do they serve TLS, and is --ca the authority of their certificates?"
      : "do they serve HTTP/2 there? With TLS, give --tls or --ca";
  yield ready === 0 ? fail(name, found, next) : warn(name, found, next);
}

function addressFinding({ target, endpoints, notices }: TransportSnapshot): Finding {
  const name = "addresses";
  const single = notices.find(({ code }) => code === "single-address");
  const isAlone = single !== undefined || (target.startsWith("dns:") && endpoints.length === 1);
  if (!isAlone) return ok(name, target.startsWith("dns:") ? `${endpoints.length}, so that it is no ClusterIP` : "named one by one");
  const found = single?.message ?? `${target} has one address: nothing is balanced if that is a ClusterIP`;
  return warn(name, found, "`kubectl get service` shows None for a headless one");
}

function zoneFinding({ zone, notices, endpoints }: TransportSnapshot): Finding {
  const name = "zones";
  const problem = notices.find(({ code }) => code === "zones-not-known" || code === "zone-not-found");
  if (problem !== undefined) return warn(name, problem.message, "give the zone that endpoints of discovery have, or leave it out");
  const zones = new Set(endpoints.flatMap(({ endpoint }) => endpoint.locality?.zone || []));
  if (zones.size === 0) return ok(name, "none: every endpoint is as near as any other");
  const list = [...zones].sort().join(", ");
  if (zone === undefined)
    return warn(name, `endpoints are in ${list}, and this client does not know its own`, "set MESHLESS_ZONE, or the option zone");
  return ok(name, `endpoints are in ${list}; ours is ${zone}`);
}

async function reportFinding(transport: BalancedTransport, { signal }: Environment): Promise<Finding> {
  const name = "load reports";
  const isTold = ({ endpoints, notices }: TransportSnapshot) =>
    endpoints.some(({ report }) => report !== undefined) || notices.some(({ code }) => code === "reports-not-offered");
  const { endpoints, notices } = await watchUntil(transport, reportPatienceMs, signal, isTold);
  const reporting = endpoints.filter(({ report }) => report !== undefined).length;
  if (reporting > 0) return ok(name, `${reporting} of ${endpoints.length} endpoints report beside calls`);
  const refused = notices.find(({ code }) => code === "reports-not-offered");
  const found = refused?.message ?? "none has come beside calls";
  return warn(
    name,
    found,
    "servers may report with their answers, which this does not see: healthReporting(), or orcaService() beside calls",
  );
}

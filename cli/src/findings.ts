import { controlPlaneFindings } from "./control-plane-findings.ts";
import type { Environment } from "./environment.ts";
import { type Finding, fail, ok, warn } from "./finding.ts";
import { targetFindings } from "./target-findings.ts";
import type { TargetOptions } from "./target-options.ts";
import { tokenFinding } from "./token-finding.ts";

export interface CheckOptions extends TargetOptions {
  readonly admin?: string;
}

/** What is found, one after the other: from what everything stands on to what it serves. */
export async function* findings(
  target: string | undefined,
  options: CheckOptions,
  environment: Environment,
): AsyncGenerator<Finding, void> {
  yield nodeFinding(environment.nodeVersion);
  const address = options.controlPlane ?? (process.env.MESHLESS_CONTROL_PLANE || undefined);
  const isPushed = target === undefined || target.startsWith("xds:");
  if (isPushed && address !== undefined) yield* controlPlaneFindings(address, options, environment);
  if (isPushed && address === undefined) yield* bootstrapFinding(target);
  if (isPushed && options.tokenFile !== undefined) yield tokenFinding(options.tokenFile, environment.timeOfDay());
  if (options.admin !== undefined) yield await adminFinding(options.admin, options.timeout * 1_000);
  if (target !== undefined) yield* targetFindings(target, options, environment);
}

/** As package.json says: the first of each line in which Node.js closes its connections right. */
const oldest: Readonly<Record<number, readonly [minor: number, patch: number]>> = { 22: [23, 0], 24: [17, 0], 26: [3, 1] };

function nodeFinding(version: string): Finding {
  const [major = 0, minor = 0, patch = 0] = version.replace(/^v/, "").split(".").map(Number);
  const least = oldest[major];
  const isNewer = major > 26;
  const isOld = least === undefined ? !isNewer : minor < least[0] || (minor === least[0] && patch < least[1]);
  if (!isOld) return ok("Node.js", version);
  return fail("Node.js", `${version} is not supported`, "take 22.23.0, 24.17.0 or 26.3.1, or a later one of these lines");
}

function* bootstrapFinding(target: string | undefined): Generator<Finding> {
  const { GRPC_XDS_BOOTSTRAP: path, GRPC_XDS_BOOTSTRAP_CONFIG: content } = process.env;
  if (path || content)
    yield ok("control plane", `named by gRPC's bootstrap${path ? ` in ${path}` : ""}; --control-plane checks it by itself`);
  else if (target !== undefined)
    yield fail("control plane", "nobody says which one to ask", "set MESHLESS_CONTROL_PLANE=host:port, or give --control-plane host:port");
  else yield fail("check", "there is nothing to check", "name a target, or a control plane by --control-plane host:port");
}

const adminName = "admin port";

/** @param troubles what lives on its last good state, or has never had one, and why */
function notReadyFinding(text: string, troubles: readonly string[]): Finding {
  if (troubles.length === 0)
    return warn(adminName, `the control plane is not ready: ${text}`, "look at its log: its registry has not told all that there is");
  const found = `the control plane is not ready: ${troubles.join("; ")}`;
  const isForbidden = troubles.some((trouble) => /forbidden|\b403\b/i.test(trouble));
  const granted = "its ServiceAccount lacks RBAC: grant it list and watch on services and endpointslices.discovery.k8s.io";
  return fail(adminName, found, isForbidden ? granted : "its registry has to be read before it serves anything");
}

/** What the control plane says on its page; nothing where there is none. */
async function troublesOf(admin: string, patienceMs: number): Promise<readonly string[]> {
  const response = await fetch(`http://${admin}/snapshot.json`, { signal: AbortSignal.timeout(patienceMs) });
  if (!response.ok) return [];
  const { registry } = (await response.json()) as { readonly registry?: { readonly troubles?: readonly string[] } };
  return registry?.troubles ?? [];
}

async function adminFinding(admin: string, patienceMs: number): Promise<Finding> {
  const name = adminName;
  try {
    const response = await fetch(`http://${admin}/readyz`, { signal: AbortSignal.timeout(patienceMs) });
    const text = (await response.text()).trim();
    if (response.ok) return ok(name, `${admin} says that the control plane is ready`);
    if (response.status === 503) return notReadyFinding(text, await troublesOf(admin, patienceMs));
    return fail(name, `${admin} answers ${response.status}`, "is this what --admin of meshless-control-plane names?");
  } catch (error) {
    const { message, cause } = error as Error;
    return fail(
      name,
      `${admin} does not answer: ${cause instanceof Error ? cause.message : message}`,
      "is it what --admin of meshless-control-plane names, and can it be reached from here?",
    );
  }
}

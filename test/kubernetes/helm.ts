import { execFileSync } from "node:child_process";
import { join } from "node:path";
import { findPeer } from "../../scripts/peers.ts";

/** Whether helm is installed: `npm run peers -- helm` does that. */
export const hasHelm: boolean = findPeer("helm") !== undefined;

if (!hasHelm) console.error("\nMISSING helm: the chart is not tested; `npm run peers -- helm` installs it\n");

const chart = "charts/meshless-control-plane";

/** @throws Error with helm's complaint */
function helm(...args: readonly string[]): string {
  return execFileSync(join(findPeer("helm") ?? "", "helm"), args, { encoding: "utf8", stdio: "pipe" });
}

export function lint(...settings: readonly string[]): string {
  return helm("lint", "--strict", chart, ...set(settings));
}

/** An object of the chart. */
export interface RenderedObject {
  readonly kind: string;
  readonly name: string;
  readonly namespace: string | undefined;
  readonly yaml: string;
}

/** @param settings such as `access.mode=closed` */
export function rendered(...settings: readonly string[]): readonly RenderedObject[] {
  const text = helm("template", "meshless-control-plane", chart, "--namespace", "meshless", "--kube-version", "1.33.0", ...set(settings));
  return text.split(/^---$/m).flatMap((yaml) => {
    const field = (pattern: RegExp) => pattern.exec(yaml)?.[1];
    const [kind, name] = [field(/^kind: (\S+)$/m), field(/^ {2}name: (\S+)$/m)];
    return kind === undefined || name === undefined ? [] : [{ kind, name, namespace: field(/^ {2}namespace: (\S+)$/m), yaml }];
  });
}

const collections: Readonly<Record<string, string>> = {
  ClusterRole: "/apis/rbac.authorization.k8s.io/v1 clusterroles",
  ClusterRoleBinding: "/apis/rbac.authorization.k8s.io/v1 clusterrolebindings",
  Deployment: "/apis/apps/v1 deployments",
  NetworkPolicy: "/apis/networking.k8s.io/v1 networkpolicies",
  PodDisruptionBudget: "/apis/policy/v1 poddisruptionbudgets",
  Role: "/apis/rbac.authorization.k8s.io/v1 roles",
  RoleBinding: "/apis/rbac.authorization.k8s.io/v1 rolebindings",
  Secret: "/api/v1 secrets",
  Service: "/api/v1 services",
  ServiceAccount: "/api/v1 serviceaccounts",
};

/** Where the apiserver has it. */
export function pathOf({ kind, name, namespace }: RenderedObject): string {
  const [group = "", collection = kind] = (collections[kind] ?? "").split(" ");
  return [group, ...(namespace === undefined ? [] : [`namespaces/${namespace}`]), collection, name].join("/");
}

function set(settings: readonly string[]): readonly string[] {
  return settings.flatMap((setting) => ["--set", setting]);
}

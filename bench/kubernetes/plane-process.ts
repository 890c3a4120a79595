// Run by measure.ts: a control plane on a cluster.
import { readFileSync } from "node:fs";
import { monitorEventLoopDelay } from "node:perf_hooks";
import { createControlPlane, kubernetesRegistry } from "meshless-control-plane";
import { HttpsClient } from "meshless-kubernetes/reflector";
import { onParentMessage, readOrder, tellParent } from "../../demo/parent.ts";
import type { PlaneUsage } from "../control-plane/plane-process.ts";
import { SentBytes } from "../control-plane/sent-bytes.ts";
import { usageNow } from "../control-plane/usage.ts";

export interface KubernetesPlaneOrder {
  readonly server: string;
  readonly token: string;
  /** The file of the apiserver's authority. */
  readonly ca: string;
  readonly namespace: string;
}

export interface KubernetesPlaneCommand {
  /** Whether garbage is not to be counted. */
  readonly isExact: boolean;
}

export type KubernetesPlaneReport =
  | { readonly is: "listening"; readonly port: number }
  | ({ readonly is: "measured" } & KubernetesPlaneUsage);

export interface KubernetesPlaneUsage extends PlaneUsage {
  /** How late its event loop was since the last time, at the 99th percentile. */
  readonly lateP99Ms: number;
}

const { server, token, ca, namespace } = readOrder<KubernetesPlaneOrder>();
const sent = new SentBytes();
const lateness = monitorEventLoopDelay({ resolution: 5 });
lateness.enable();
// As in a pod, which has a token and no kubeconfig.
const access = { server, headers: { Authorization: `Bearer ${token}` }, tls: { ca: readFileSync(ca, "utf8") } };
const registry = kubernetesRegistry({ client: new HttpsClient(async () => access), namespaces: [namespace] });
const controlPlane = createControlPlane({ registry });

onParentMessage<KubernetesPlaneCommand>(({ isExact }) => {
  // It counts the 5 ms of its own pace, too.
  const lateP99Ms = Math.max(0, lateness.percentile(99) / 1e6 - 5);
  lateness.reset();
  tellParent<KubernetesPlaneReport>({ is: "measured", ...usageNow(isExact), ...sent.now, lateP99Ms });
});
tellParent<KubernetesPlaneReport>({ is: "listening", port: await controlPlane.listen("127.0.0.1:0") });

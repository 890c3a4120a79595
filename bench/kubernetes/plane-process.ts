// Run by measure.ts: a control plane on a cluster.
import { createControlPlane, kubeconfigClient, kubernetesRegistry } from "../../control-plane/src/index.ts";
import { onParentMessage, readOrder, tellParent } from "../../demo/parent.ts";
import type { PlaneReport } from "../control-plane/plane-process.ts";
import { SentBytes } from "../control-plane/sent-bytes.ts";
import { usageNow } from "../control-plane/usage.ts";

export interface KubernetesPlaneOrder {
  readonly kubeconfig: string;
  readonly namespace: string;
}

const { kubeconfig, namespace } = readOrder<KubernetesPlaneOrder>();
const sent = new SentBytes();
const registry = kubernetesRegistry({ client: await kubeconfigClient(kubeconfig), namespaces: [namespace] });
const controlPlane = createControlPlane({ registry });

onParentMessage(() => tellParent<PlaneReport>({ is: "measured", ...usageNow(false), ...sent.now }));
tellParent<PlaneReport>({ is: "listening", port: await controlPlane.listen("127.0.0.1:0") });

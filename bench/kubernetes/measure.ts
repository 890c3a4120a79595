import { setTimeout as sleep } from "node:timers/promises";
import { type ApiserverClient, kubeconfigClient } from "meshless-kubernetes";
import { Reflector } from "meshless-kubernetes/reflector";
import { Child } from "../../demo/child.ts";
import { Cluster, reader } from "../../test/kubernetes/cluster.ts";
import { Namespace } from "../../test/kubernetes/namespace.ts";
import { Clients } from "../control-plane/clients.ts";
import { machineNowMs } from "../control-plane/machine-time.ts";
import { quantileOf } from "../statistics.ts";
import { Churn } from "./churn.ts";
import type { KubernetesPlaneCommand, KubernetesPlaneOrder, KubernetesPlaneReport, KubernetesPlaneUsage } from "./plane-process.ts";

export interface KubernetesOrder {
  /** In slices of 100, each of a Service of its own. */
  readonly endpoints: number;
  /** Of those slices, per second. */
  readonly sliceUpdatesPerSecond: number;
  /** Of pods whose readiness is patched, one after the other. */
  readonly patches: number;
  /** That know those pods, up to their pickers. */
  readonly clients: number;
  /** Each for 20 of the Services whose slices are updated. */
  readonly streams: number;
}

/** From the patch of a pod's readiness, by way of apiserver, controller and control plane, to the picker of each client. */
export interface KubernetesFigures extends KubernetesOrder {
  readonly p50Ms: number;
  readonly p99Ms: number;
  readonly maxMs: number;
  /** From the patch to a bare watch of slices, without a control plane: what is not ours. */
  readonly watchP50Ms: number;
  readonly watchP99Ms: number;
  /** From that watch to the picker of each client: what is ours, but for the queue for the processors. */
  readonly ownP50Ms: number;
  readonly ownP99Ms: number;
  /** How late the control plane's event loop was. */
  readonly planeLateP99Ms: number;
  /** That the apiserver has taken. */
  readonly updatesPerSecond: number;
  /** Of the control plane, in cores. */
  readonly planeCores: number;
  readonly planeRssBytes: number;
  readonly planeHeapBytes: number;
  /** Without garbage. */
  readonly planeLiveBytes: number;
  readonly planeCpuMsPerUpdate: number;
  /** To all streams. */
  readonly bytesPerUpdate: number;
}

const endpointsEach = 100;
const servicesEach = 20;
const pods = 10;
/** Between two patches: longer than changes of one Service wait for each other. */
const pauseMs = 250;
const settleMs = 3_000;

export async function measure(order: KubernetesOrder, progress: (text: string) => void): Promise<KubernetesFigures> {
  progress(`${order.endpoints} endpoints: a cluster`);
  await using cluster = await Cluster.start();
  const namespace = await Namespace.create(cluster, "bench");
  await cluster.create("/api/v1/nodes", { metadata: { name: "node" } });
  await namespace.createService("s0", true);
  for (let pod = 0; pod < pods; pod++) await namespace.createPod(`pod-${pod}`, "s0", `10.99.0.${pod + 1}`);
  const slices = await createSlices(namespace, order.endpoints / endpointsEach);
  progress(`${order.endpoints} endpoints: a control plane and its clients`);
  await using plane = await Plane.start({ ...cluster.access(reader), namespace: namespace.name });
  const { port } = plane;
  const clients = new Clients({ port, kind: "picker", count: order.clients, services: 1, servicesEach: 1 }, 1);
  const services = slices.length + 1;
  const streams = new Clients({ port, kind: "raw", count: order.streams, services, servicesEach: Math.min(servicesEach, services) }, 1);
  await clients.heard();
  progress(`${order.endpoints} endpoints: ${order.sliceUpdatesPerSecond} updates of slices per second`);
  const churn = new Churn(namespace, slices, endpointsEach, order.sliceUpdatesPerSecond);
  await sleep(settleMs);
  const [before, updatesBefore, beganAtMs] = [await plane.usage(), churn.updates, performance.now()];
  const tookMs: number[] = [];
  const watchTookMs: number[] = [];
  const ownTookMs: number[] = [];
  const watch = new SliceWatch(await kubeconfigClient(cluster.kubeconfig(reader)), namespace.name, "s0");
  for (let patch = 0; patch < order.patches; patch++) {
    const { beganAtMs, heardAtMs } = await patchReadiness(namespace, clients, patch);
    tookMs.push(...heardAtMs.map((atMs) => atMs - beganAtMs));
    // It may be a moment behind the clients.
    if (watch.lastAtMs <= beganAtMs) continue;
    watchTookMs.push(watch.lastAtMs - beganAtMs);
    ownTookMs.push(...heardAtMs.map((atMs) => Math.max(0, atMs - watch.lastAtMs)));
  }
  watch.close();
  const [after, updates, seconds] = [await plane.usage(), churn.updates - updatesBefore, (performance.now() - beganAtMs) / 1_000];
  await churn.stop();
  const { heapBytes: planeLiveBytes } = await plane.usage(true);
  await Promise.all([clients.kill(), streams.kill()]);
  return {
    ...order,
    p50Ms: quantileOf(tookMs, 0.5),
    p99Ms: quantileOf(tookMs, 0.99),
    maxMs: quantileOf(tookMs, 1),
    watchP50Ms: quantileOf(watchTookMs, 0.5),
    watchP99Ms: quantileOf(watchTookMs, 0.99),
    ownP50Ms: quantileOf(ownTookMs, 0.5),
    ownP99Ms: quantileOf(ownTookMs, 0.99),
    planeLateP99Ms: after.lateP99Ms,
    updatesPerSecond: updates / seconds,
    planeCores: (after.cpuMs - before.cpuMs) / 1_000 / seconds,
    planeRssBytes: after.rssBytes,
    planeHeapBytes: after.heapBytes,
    planeLiveBytes,
    planeCpuMsPerUpdate: (after.cpuMs - before.cpuMs) / updates,
    bytesPerUpdate: (after.bytesSent - before.bytesSent) / updates,
  };
}

async function createSlices(namespace: Namespace, count: number): Promise<readonly string[]> {
  const create = async (_: unknown, index: number) => {
    const service = `s${index + 1}`;
    await namespace.createService(service, false);
    const ips = Array.from({ length: endpointsEach }, (_, place) => `10.${100 + (index >> 8)}.${index & 255}.${place + 1}`);
    await namespace.createSlice(`${service}-1`, service, ...ips);
    return `${service}-1`;
  };
  const names: string[] = [];
  // Not all at once: an apiserver turns away who asks too much.
  for (let start = 0; start < count; start += 20)
    names.push(...(await Promise.all(Array.from({ length: Math.min(20, count - start) }, (_, index) => create(_, start + index)))));
  return names;
}

/** @returns when it was sent, and when each client knew of it */
async function patchReadiness(namespace: Namespace, clients: Clients, patch: number) {
  await sleep(pauseMs);
  clients.expect();
  const beganAtMs = machineNowMs();
  await namespace.setReady(`pod-${Math.floor(patch / 2) % pods}`, patch % 2 === 1);
  return { beganAtMs, heardAtMs: await clients.heard() };
}

/** Knows when the last change of a Service's slices came by a watch of its own. */
class SliceWatch {
  lastAtMs = 0;
  readonly #reflector: Reflector<undefined>;

  constructor(client: ApiserverClient, namespace: string, service: string) {
    const path = `/apis/discovery.k8s.io/v1/namespaces/${namespace}/endpointslices`;
    const heard = () => {
      this.lastAtMs = machineNowMs();
    };
    const labelSelector = `kubernetes.io/service-name=${service}`;
    this.#reflector = new Reflector<undefined>(
      { client, path, labelSelector, read: () => undefined },
      { upserted: heard, deleted: heard, synced() {}, trouble() {} },
    );
  }

  close(): void {
    this.#reflector.close();
  }
}

/** A control plane in a process of its own. */
class Plane implements AsyncDisposable {
  readonly port: number;
  readonly #child: Child;

  private constructor(child: Child, port: number) {
    this.#child = child;
    this.port = port;
  }

  static async start(order: KubernetesPlaneOrder): Promise<Plane> {
    const child = new Child("control plane", new URL("./plane-process.ts", import.meta.url), order);
    const report = await child.nextMessage<KubernetesPlaneReport>();
    if (report.is !== "listening") throw new Error(`the control plane says ${report.is} first`);
    return new Plane(child, report.port);
  }

  async usage(isExact = false): Promise<KubernetesPlaneUsage> {
    const report = this.#child.nextMessage<KubernetesPlaneReport>();
    this.#child.send<KubernetesPlaneCommand>({ isExact });
    const usage = await report;
    if (usage.is !== "measured") throw new Error(`the control plane says ${usage.is}, asked for what it takes`);
    return usage;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#child.kill();
  }
}

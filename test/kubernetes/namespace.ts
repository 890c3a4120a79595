import { setTimeout as delay } from "node:timers/promises";
import type { Cluster } from "./cluster.ts";

let count = 0;

/** For tests: a namespace of its own, and what is done in it. */
export class Namespace {
  readonly name: string;
  readonly #cluster: Cluster;

  private constructor(cluster: Cluster, name: string) {
    this.#cluster = cluster;
    this.name = name;
  }

  static async create(cluster: Cluster, name = `test-${++count}`): Promise<Namespace> {
    await cluster.create("/api/v1/namespaces", { metadata: { name } });
    return new Namespace(cluster, name);
  }

  /** With a selector, so that its pods are found; or without, for slices that a test writes. */
  async createService(name: string, hasSelector: boolean, spec: object = {}): Promise<void> {
    const selector = hasSelector ? { selector: { app: name } } : {};
    const ports = [{ name: "grpc", port: 80, targetPort: 8080 }];
    await this.#cluster.create(this.path("services"), { metadata: { name }, spec: { ...selector, ports, ...spec } });
  }

  /** A pod of a service, on a node. It is ready when it is told to be. */
  async createPod(name: string, service: string, ip: string, isReady = true, labels: object = {}, nodeName = "node"): Promise<void> {
    const spec = { nodeName, automountServiceAccountToken: false, containers: [{ name: "c", image: "none" }] };
    await this.#cluster.create(this.path("pods"), { metadata: { name, labels: { app: service, ...labels } }, spec });
    await this.#cluster.patch(this.path("pods", name, "status"), { status: { phase: "Running", podIP: ip, podIPs: [{ ip }] } });
    await this.setReady(name, isReady);
  }

  async setReady(pod: string, isReady: boolean): Promise<void> {
    const conditions = [{ type: "Ready", status: isReady ? "True" : "False" }];
    await this.#cluster.patch(this.path("pods", pod, "status"), { status: { conditions } });
  }

  /** With a grace period it terminates, and without it is gone. */
  async deletePod(name: string, gracePeriodSeconds: number): Promise<void> {
    await this.#cluster.delete(this.path("pods", name), { kind: "DeleteOptions", apiVersion: "v1", gracePeriodSeconds });
  }

  /** @param annotations `null` takes one away */
  async annotate(service: string, annotations: Readonly<Record<string, string | null>>): Promise<void> {
    await this.#cluster.patch(this.path("services", service), { metadata: { annotations } });
  }

  async deleteService(name: string): Promise<void> {
    await this.#cluster.delete(this.path("services", name));
  }

  async createSlice(name: string, service: string, ...ips: readonly string[]): Promise<void> {
    await this.#cluster.create(`${this.#slices}`, {
      metadata: { name, labels: { "kubernetes.io/service-name": service } },
      addressType: "IPv4",
      ports: [{ name: "grpc", port: 8080 }],
      endpoints: ips.map(endpoint),
    });
  }

  async setSlice(name: string, ...ips: readonly string[]): Promise<void> {
    await this.#cluster.patch(`${this.#slices}/${name}`, { endpoints: ips.map(endpoint) });
  }

  /** Of an endpoint of a slice, and nothing else. */
  async setSliceReady(name: string, endpoint: number, isReady: boolean): Promise<void> {
    await this.#cluster.replace(`${this.#slices}/${name}`, `/endpoints/${endpoint}/conditions/ready`, isReady);
  }

  /** Resolves once whoever reads the slices of the Service finds the address among those that are ready. */
  async untilListed(service: string, ip: string): Promise<void> {
    const path = `${this.#slices}?labelSelector=kubernetes.io/service-name=${service}`;
    const isListed = async () => {
      const { items } = (await this.#cluster.read(path)) as { readonly items: readonly { readonly endpoints: readonly Listed[] | null }[] };
      return items.some(({ endpoints }) => endpoints?.some(({ addresses, conditions }) => addresses.includes(ip) && conditions.ready));
    };
    while (!(await isListed())) await delay(10);
  }

  path(...parts: readonly string[]): string {
    return ["/api/v1/namespaces", this.name, ...parts].join("/");
  }

  get #slices(): string {
    return `/apis/discovery.k8s.io/v1/namespaces/${this.name}/endpointslices`;
  }
}

interface Listed {
  readonly addresses: readonly string[];
  readonly conditions: { readonly ready: boolean };
}

function endpoint(ip: string): object {
  return { addresses: [ip], conditions: { ready: true } };
}

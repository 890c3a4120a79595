import { onTestFinished } from "vitest";
import { type KubernetesRegistryOptions, kubernetesRegistry } from "../../control-plane/src/registry/kubernetes-registry.ts";
import type { RegistryWatch } from "../../control-plane/src/registry/registry.ts";
import type { Service } from "../../control-plane/src/service.ts";
import { kubeconfigClient } from "../../kubernetes/src/kubeconfig-client.ts";

const waitsMs = 15_000;

/** For tests: a registry of a real cluster, and what it told: each service as text, such as `10.1.0.1 10.1.0.2/shard(draining)`. */
export class ObservedRegistry {
  /** All states of all services, in order, such as `web.shop:80 10.1.0.1`. */
  readonly history: string[] = [];
  readonly services = new Map<string, string>();
  troubles = 0;
  /** Whether all was ever listed in pages. */
  hasListed = false;
  isComplete = false;
  readonly #endpoints = new Map<string, Service["endpoints"]>();
  #watch: RegistryWatch | undefined;
  #wake: () => void = () => {};

  /** With short pauses, so that a test does not wait for them. */
  async start(kubeconfig: string, options: Partial<KubernetesRegistryOptions> = {}): Promise<void> {
    const timing = { backoffMs: 50, maxBackoffMs: 500, provenAfterMs: 1_000, ...options.timing };
    const client = await kubeconfigClient(kubeconfig);
    const get = client.get.bind(client);
    client.get = (request) => {
      this.hasListed ||= request.query.limit !== undefined;
      return get(request);
    };
    this.#watch = kubernetesRegistry({ client, ...options, timing }).watch({
      present: (service) => this.#present(service),
      gone: (name) => this.#told(() => this.services.delete(name)),
      complete: () => this.#told(() => (this.isComplete = true)),
      trouble: (error) => this.#told(() => (this.troubles += error === undefined ? 0 : 1)),
    });
    onTestFinished(() => this.#watch?.close());
  }

  /** Resolves once the condition holds; looked at whenever something is told. */
  async until(condition: () => boolean): Promise<void> {
    const endsAtMs = performance.now() + waitsMs;
    while (!condition()) {
      await new Promise<void>((resolve, reject) => {
        const timer = setTimeout(
          () => reject(new Error(`waited in vain for ${condition}: ${this.history.join("; ")}`)),
          endsAtMs - performance.now(),
        );
        this.#wake = () => {
          clearTimeout(timer);
          resolve();
        };
      });
    }
  }

  /** As they are now. */
  endpoints(name: string): Service["endpoints"] {
    return this.#endpoints.get(name) ?? [];
  }

  has(name: string, state: string): Promise<void> {
    return this.until(() => this.services.get(name) === state);
  }

  /** Of all reflectors together. */
  measured(name: string, labels: Readonly<Record<string, string>> = {}): number {
    const samples = this.#watch?.measures?.find((measure) => measure.name === `registry.kubernetes.${name}`)?.read() ?? [];
    const matching = samples.filter((sample) => Object.entries(labels).every(([key, value]) => sample.labels[key] === value));
    return matching.reduce((sum, { value }) => sum + value, 0);
  }

  #present({ name, endpoints }: Service): void {
    const text = endpoints
      .map(
        ({ address, health, labels }) =>
          `${address}${labels.shard === undefined ? "" : `/${labels.shard}`}${health === "healthy" ? "" : `(${health})`}`,
      )
      .sort()
      .join(" ");
    this.#told(() => {
      this.services.set(name.text, text);
      this.#endpoints.set(name.text, endpoints);
      this.history.push(`${name.text} ${text}`);
    });
  }

  #told(change: () => void): void {
    change();
    this.#wake();
  }
}

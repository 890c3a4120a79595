import type { Node, ServiceKey, ServicesObserver, WatchedService } from "meshless-kubernetes";
import type { Logger } from "../logger.ts";
import { nothing, type Translation, toServices } from "./from-kubernetes.ts";
import type { RegistryObserver } from "./registry.ts";

/** Makes services of those of Kubernetes, one for each port, and tells which of them are new, other ones, or gone. */
export class KubernetesServices implements ServicesObserver {
  readonly #logger: Logger;
  readonly #observer: RegistryObserver;
  /** What became of each, by namespace and name. */
  readonly #known = new Map<string, Translation>();

  constructor(logger: Logger, observer: RegistryObserver) {
    this.#logger = logger;
    this.#observer = observer;
  }

  /** How much is wrong with which of them, by namespace and name; of the others nothing. */
  get problems(): ReadonlyMap<string, number> {
    const wrong = [...this.#known].filter(([, { problems }]) => problems.length > 0);
    return new Map(wrong.map(([key, { problems }]) => [key, problems.length]));
  }

  present(service: WatchedService): void {
    this.#put(keyOf(service), (before) => toServices(service, before));
  }

  gone(service: ServiceKey): void {
    this.#put(keyOf(service), () => nothing);
    this.#known.delete(keyOf(service));
  }

  node({ name, region, zone }: Node): void {
    this.#observer.node?.(name, zone === "" ? undefined : { region, zone });
  }

  nodeGone(name: string): void {
    this.#observer.node?.(name, undefined);
  }

  complete(): void {
    this.#observer.complete();
  }

  trouble(error: Error | undefined): void {
    this.#observer.trouble(error);
  }

  #put(key: string, translate: (before: Translation) => Translation): void {
    const before = this.#known.get(key) ?? nothing;
    const now = translate(before);
    this.#known.set(key, now);
    const names = new Set(now.services.map(({ name }) => name.text));
    for (const service of now.services) if (!before.services.includes(service)) this.#observer.present(service);
    for (const { name } of before.services) if (!names.has(name.text)) this.#observer.gone(name.text);
    for (const problem of now.problems) {
      if (!before.problems.includes(problem)) this.#logger.warn({ service: key, problem }, "something is wrong with a Service");
    }
  }
}

function keyOf({ namespace, name }: ServiceKey): string {
  return `${namespace}/${name}`;
}

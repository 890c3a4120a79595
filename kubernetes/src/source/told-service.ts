import type { AddressRules, EndpointObserver, EndpointUpdate } from "meshless/discovery";
import type { ServicesObserver } from "../services/services-observer.ts";
import type { ServicePort, WatchedService } from "../services/watched-service.ts";
import type { ServiceTarget } from "./service-target.ts";
import { toEndpoint } from "./to-endpoint.ts";

/** Tells the observer of a source what becomes of one port of one Service. */
export class ToldService implements ServicesObserver {
  readonly #target: ServiceTarget;
  readonly #addressRules: AddressRules;
  readonly #observer: EndpointObserver;
  #last: EndpointUpdate | undefined;

  constructor(target: ServiceTarget, addressRules: AddressRules, observer: EndpointObserver) {
    this.#target = target;
    this.#addressRules = addressRules;
    this.#observer = observer;
  }

  present(service: WatchedService): void {
    const port = portOf(service.ports, this.#target.port);
    const all = port?.endpoints.map(toEndpoint) ?? [];
    const endpoints = all.filter(({ address }) => this.#addressRules.allows(address));
    this.#tell(port === undefined ? { exists: false } : { endpoints, config: { affinity: port.affinity } });
    const refused = all.filter((endpoint) => !endpoints.includes(endpoint)).map(({ address }) => address);
    const problems = [
      ...service.problems,
      ...(port === undefined && service.problems.length === 0 ? [this.#missingPort(service.ports)] : []),
      ...(refused.length > 0 ? [`${refused.join(", ")}: refused as endpoints; see allowAddresses`] : []),
    ];
    if (problems.length > 0) this.#observer.onError(new Error(`Service ${this.#name}: ${problems.join("\n")}`));
  }

  gone(): void {
    this.#tell({ exists: false });
  }

  complete(): void {
    if (this.#last === undefined) this.gone();
  }

  trouble(error: Error | undefined): void {
    if (error !== undefined) this.#observer.onError(error);
    else if (this.#last !== undefined) this.#observer.onUpdate(this.#last);
  }

  get #name(): string {
    return `${this.#target.service}.${this.#target.namespace}`;
  }

  #tell(update: EndpointUpdate): void {
    this.#last = update;
    this.#observer.onUpdate(update);
  }

  #missingPort(ports: readonly ServicePort[]): string {
    const there = ports.map(({ port, name }) => (name === "" ? `${port}` : `${port} (${name})`));
    return `it has no port ${this.#target.port ?? ""} over TCP; it has ${there.join(", ") || "none"}`;
  }
}

function portOf(ports: readonly ServicePort[], wanted: string | undefined): ServicePort | undefined {
  if (wanted !== undefined) return ports.find(({ port, name }) => `${port}` === wanted || name === wanted);
  return ports.find(({ name }) => name === "grpc") ?? ports.toSorted((a, b) => a.port - b.port)[0];
}

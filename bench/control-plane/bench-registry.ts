import type { Registry, RegistryObserver, Service, ServiceEndpoint } from "../../control-plane/src/index.ts";

const zones = ["a", "b", "c"];

/** As that of an orchestrator: it knows endpoints one by one, and when one is replaced the others stay the objects that they are. */
export class BenchRegistry implements Registry {
  readonly description = "the benchmark's";
  readonly #services: Service[];
  readonly #endpointsEach: number;
  #observer: RegistryObserver | undefined;
  /** Of endpoints, also those that are gone. */
  #count = 0;

  constructor(services: number, endpointsEach: number) {
    this.#endpointsEach = endpointsEach;
    this.#services = Array.from({ length: services }, (_, index) => {
      const host = `s${index}.bench`;
      const endpoints = Array.from({ length: endpointsEach }, () => this.#newEndpoint());
      return { name: { text: `${host}:80`, host, port: 80 }, portName: undefined, fallback: [], endpoints };
    });
  }

  watch(observer: RegistryObserver) {
    this.#observer = observer;
    for (const service of this.#services) observer.present(service);
    observer.complete();
    return { close() {} };
  }

  /** An endpoint of the service goes, and a new one comes. */
  change(index: number): void {
    const service = this.#services[index] as Service;
    const place = (this.#count * 7_919) % this.#endpointsEach;
    const changed = { ...service, endpoints: service.endpoints.with(place, this.#newEndpoint()) };
    this.#services[index] = changed;
    this.#observer?.present(changed);
  }

  #newEndpoint(): ServiceEndpoint {
    const number = this.#count++;
    const address = `10.${(number >> 16) & 255}.${(number >> 8) & 255}.${number & 255}`;
    return {
      id: `${address}:80`,
      address,
      port: 80,
      region: "r",
      zone: zones[number % zones.length] as string,
      weight: 1,
      priority: 0,
      health: "healthy",
      labels: {},
    };
  }
}

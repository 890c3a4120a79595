import { kubernetesRegistry } from "../../control-plane/src/registry/kubernetes-registry.ts";
import type { Service } from "../../control-plane/src/service.ts";
import { manualClock } from "../../src/testing/manual-clock.ts";
import { seededRandom } from "../../src/testing/seeded-random.ts";
import { ModelApiserver } from "./model-apiserver.ts";
import { type ModelObject, ModelStore } from "./model-store.ts";
import { podEndpoint, serviceObject, sliceObject } from "./objects.ts";

const servicePath = "/api/v1/services";
const slicePath = "/apis/discovery.k8s.io/v1/endpointslices";
/** Of `web`, in a slice that nobody touches: it is always ready. */
const anchor = 1;
/** Of `web` as well. It is always ready, in one slice or in another, or in both. */
const mover = 7;

export type Condition = "ready" | "unready" | "draining" | "dead";
const conditions: Readonly<Record<Condition, object>> = {
  ready: { ready: true, serving: true, terminating: false },
  unready: { ready: false, serving: false, terminating: false },
  draining: { ready: false, serving: true, terminating: true },
  dead: { ready: false, serving: false, terminating: true },
};

interface RawService extends ModelObject {
  readonly metadata: ModelObject["metadata"] & { readonly name: string };
  readonly spec: {
    readonly ports: readonly { readonly name: string; readonly port: number }[];
    readonly publishNotReadyAddresses?: boolean;
  };
}

interface RawSlice extends ModelObject {
  readonly metadata: ModelObject["metadata"] & { readonly labels: Readonly<Record<string, string>>; readonly resourceVersion: string };
  readonly endpoints: readonly {
    readonly addresses: readonly [string];
    readonly conditions: object;
    readonly targetRef: { readonly uid: string };
  }[];
}

/** For tests: a registry of two model apiservers of one cluster, in virtual time, what it told of each service, and what is true. */
export class RegisteredServices {
  readonly clock = manualClock();
  readonly #store = new ModelStore();
  readonly apiservers: readonly ModelApiserver[] = [0, 1].map(() => new ModelApiserver(this.clock, this.#store));
  /** The one that requests go to. */
  apiserver = this.apiservers[0] as ModelApiserver;
  readonly told = new Map<string, string>();
  /** All that was ever told of `web`. */
  readonly ofWeb: string[] = [];
  /** How often a service that had endpoints was told to have none, and how often it came to be so, also by its end. */
  readonly emptied = { told: 0, true: 0 };
  isComplete = false;
  readonly close: () => void;
  readonly #true = new Map<string, string>();
  #moverSlice = 8;

  constructor(seed: number) {
    for (const name of ["web", "api"]) this.setService(name, {});
    this.#setSlice("web-0", "web", [[anchor, "ready"]]);
    this.#setSlice("web-8", "web", [[mover, "ready"]]);
    const client = { get: (request: Parameters<ModelApiserver["get"]>[0]) => this.apiserver.get(request) };
    const watch = kubernetesRegistry({ client, clock: this.clock, random: seededRandom(seed) }).watch({
      present: (service) => this.#present(service),
      gone: (name) => this.#tell(name, undefined),
      complete: () => {
        this.isComplete = true;
      },
      trouble() {},
    });
    this.close = () => watch.close();
  }

  /** Creates it, or edits it. */
  setService(name: string, spec: object): void {
    this.#store.put(servicePath, serviceObject(spec, { name }));
    this.#happened();
  }

  /** Its slices end with it, as they do by the garbage collector. */
  deleteService(name: string): void {
    this.#store.delete(servicePath, `service-${name}`);
    for (const [uid, slice] of [...this.#slices()]) if (serviceOf(slice) === name) this.#store.delete(slicePath, uid);
    this.#happened();
  }

  /** Nothing without the service, since controllers write slices of what there is. */
  setSlice(service: string, slice: number, pods: readonly (readonly [number, Condition])[]): void {
    if (!this.#services().has(`service-${service}`)) return;
    this.#setSlice(`${service}-${slice}`, service, pods);
    this.#happened();
  }

  deleteSlice(service: string, slice: number): void {
    this.#store.delete(slicePath, `slice-${service}-${slice}`);
    this.#happened();
  }

  /** To another slice: it comes there before it goes here. */
  move(): void {
    const [from, to] = [this.#moverSlice, 17 - this.#moverSlice];
    this.#setSlice(`web-${to}`, "web", [[mover, "ready"]]);
    this.#setSlice(`web-${from}`, "web", []);
    this.#moverSlice = to;
  }

  failOver(): void {
    this.apiserver = this.apiservers.find((apiserver) => apiserver !== this.apiserver) as ModelApiserver;
  }

  async pass(ms: number, stepMs: number): Promise<void> {
    for (let leftMs = ms; leftMs > 0; leftMs -= stepMs) {
      this.clock.advance(Math.min(leftMs, stepMs));
      await new Promise((resolve) => setImmediate(resolve));
    }
  }

  /** What should have been told, by rules that are written down anew: of a pod in several slices the newest counts. */
  expected(): ReadonlyMap<string, string> {
    const expected = new Map<string, string>();
    for (const { metadata, spec } of this.#services().values() as Iterable<RawService>) {
      for (const { name, port } of spec.ports) {
        // Pods have no other port.
        expected.set(`${metadata.name}.shop:${port}`, name === "grpc" ? this.#endpointsOf(metadata.name, spec) : "");
      }
    }
    return expected;
  }

  #endpointsOf(service: string, { publishNotReadyAddresses = false }: RawService["spec"]): string {
    const slices = [...this.#slices().values()]
      .filter((slice) => serviceOf(slice) === service)
      .sort((a, b) => Number(a.metadata.resourceVersion) - Number(b.metadata.resourceVersion));
    const newest = new Map(slices.flatMap(({ endpoints }) => endpoints).map((endpoint) => [endpoint.targetRef.uid, endpoint]));
    const inCondition = (...all: readonly Condition[]) =>
      [...newest.values()]
        .filter((endpoint) => all.some((condition) => JSON.stringify(endpoint.conditions) === JSON.stringify(conditions[condition])))
        .map(({ addresses: [address] }) => address);
    // The first that there are get the calls.
    const ranks = [inCondition("ready"), inCondition("draining"), publishNotReadyAddresses ? inCondition("unready", "dead") : []];
    const best = ranks.findIndex((addresses) => addresses.length > 0);
    const marks = ["", "(draining)", "(unhealthy)"];
    return ranks
      .flatMap((addresses, rank) => addresses.map((address) => `${address}${rank === best ? "" : marks[rank]}`))
      .sort()
      .join(" ");
  }

  #services(): ReadonlyMap<string, ModelObject> {
    return this.#store.objects(servicePath);
  }

  #slices(): ReadonlyMap<string, RawSlice> {
    return this.#store.objects(slicePath) as ReadonlyMap<string, ModelObject> as ReadonlyMap<string, RawSlice>;
  }

  #setSlice(name: string, service: string, pods: readonly (readonly [number, Condition])[]): void {
    const endpoints = pods.map(([pod, condition]) => podEndpoint(pod, conditions[condition]));
    this.#store.put(slicePath, sliceObject(endpoints, {}, { name, labels: { "kubernetes.io/service-name": service } }));
  }

  #happened(): void {
    const expected = this.expected();
    for (const [name, text] of this.#true) if (text !== "" && !expected.get(name)) this.emptied.true += 1;
    this.#true.clear();
    for (const [name, text] of expected) this.#true.set(name, text);
  }

  #present({ name, endpoints }: Service): void {
    const texts = endpoints.map(({ address, health }) => `${address}${health === "healthy" ? "" : `(${health})`}`);
    this.#tell(name.text, texts.sort().join(" "));
  }

  #tell(name: string, text: string | undefined): void {
    if (text === "" && this.told.get(name)) this.emptied.told += 1;
    if (text === undefined) this.told.delete(name);
    else this.told.set(name, text);
    if (name === "web.shop:80") this.ofWeb.push(text ?? "gone");
  }
}

function serviceOf({ metadata }: RawSlice): string | undefined {
  return metadata.labels["kubernetes.io/service-name"];
}

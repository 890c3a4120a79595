import fc from "fast-check";
import { expect, test } from "vitest";
import { kubernetesRegistry } from "../../control-plane/src/registry/kubernetes-registry.ts";
import type { Service } from "../../control-plane/src/service.ts";
import { manualClock } from "../../src/testing/manual-clock.ts";
import { seededRandom } from "../../src/testing/seeded-random.ts";
import { type Fault, ModelApiserver, type ModelObject } from "./model-apiserver.ts";
import { podEndpoint, serviceObject, sliceObject } from "./objects.ts";

const numRuns = Number(process.env.MESHLESS_PROPERTY_RUNS ?? (process.env.CI ? 2_000 : 300));

const servicePath = "/api/v1/services";
const slicePath = "/apis/discovery.k8s.io/v1/endpointslices";
/** Of `web`, in a slice that nobody touches: it is always ready. */
const anchor = 1;

type Condition = "ready" | "unready" | "draining" | "dead";
const conditions: Readonly<Record<Condition, object>> = {
  ready: { ready: true, serving: true, terminating: false },
  unready: { ready: false, serving: false, terminating: false },
  draining: { ready: false, serving: true, terminating: true },
  dead: { ready: false, serving: false, terminating: true },
};

interface RawSlice extends ModelObject {
  readonly metadata: ModelObject["metadata"] & { readonly labels: Readonly<Record<string, string>>; readonly resourceVersion: string };
  readonly endpoints: readonly {
    readonly addresses: readonly [string];
    readonly conditions: object;
    readonly targetRef: { readonly uid: string };
  }[];
}

/** A registry of a model apiserver in virtual time, and what it told last of each service. */
class Registered {
  readonly clock = manualClock();
  readonly apiserver = new ModelApiserver(this.clock);
  readonly told = new Map<string, string>();
  /** Of `web`, all that was ever told. */
  readonly ofWeb: string[] = [];
  isComplete = false;
  readonly close: () => void;

  constructor(seed: number) {
    this.put(servicePath, serviceObject());
    this.put(slicePath, sliceObject([podEndpoint(anchor)], {}, { name: "web-0" }));
    const { clock, apiserver } = this;
    const watch = kubernetesRegistry({ client: apiserver, clock, random: seededRandom(seed) }).watch({
      present: (service) => this.#present(service),
      gone: (name) => this.#tell(name, undefined),
      complete: () => {
        this.isComplete = true;
      },
      trouble() {},
    });
    this.close = () => watch.close();
  }

  put(path: string, object: ModelObject): void {
    this.apiserver.put(path, object);
  }

  setSlice(service: string, slice: number, pods: readonly (readonly [number, Condition])[]): void {
    const endpoints = pods.map(([pod, condition]) => podEndpoint(pod, conditions[condition]));
    this.put(slicePath, sliceObject(endpoints, {}, { name: `${service}-${slice}`, labels: { "kubernetes.io/service-name": service } }));
  }

  async pass(ms: number, stepMs: number): Promise<void> {
    for (let leftMs = ms; leftMs > 0; leftMs -= stepMs) {
      this.clock.advance(Math.min(leftMs, stepMs));
      await new Promise((resolve) => setImmediate(resolve));
    }
  }

  /** What should have been told, by rules that are written down anew: of a pod in several slices the newest counts. */
  expected(): ReadonlyMap<string, string> {
    const names = [...this.apiserver.objects(servicePath).values()].map(({ metadata }) => `${metadata.name}`);
    return new Map(names.map((name) => [`${name}.shop:80`, this.#expectedOf(name)]));
  }

  #expectedOf(service: string): string {
    const slices = ([...this.apiserver.objects(slicePath).values()] as unknown as RawSlice[])
      .filter(({ metadata }) => metadata.labels["kubernetes.io/service-name"] === service)
      .sort((a, b) => Number(a.metadata.resourceVersion) - Number(b.metadata.resourceVersion));
    const newest = new Map(slices.flatMap(({ endpoints }) => endpoints).map((endpoint) => [endpoint.targetRef.uid, endpoint]));
    const inCondition = (condition: Condition) =>
      [...newest.values()].filter((endpoint) => JSON.stringify(endpoint.conditions) === JSON.stringify(conditions[condition]));
    const ready = inCondition("ready").map(({ addresses: [address] }) => address);
    const mark = ready.length > 0 ? "(draining)" : "";
    return [...ready, ...inCondition("draining").map(({ addresses: [address] }) => `${address}${mark}`)].sort().join(" ");
  }

  #present({ name, endpoints }: Service): void {
    const texts = endpoints.map(({ address, health }) => `${address}${health === "healthy" ? "" : `(${health})`}`);
    this.#tell(name.text, texts.sort().join(" "));
  }

  #tell(name: string, text: string | undefined): void {
    if (text === undefined) this.told.delete(name);
    else this.told.set(name, text);
    if (name === "web.shop:80") this.ofWeb.push(text ?? "gone");
  }
}

type Deed = (registered: Registered) => unknown;

const fault: fc.Arbitrary<Fault> = fc.oneof(
  fc.constantFrom("refuse" as const, "hang" as const, "garbage" as const),
  fc.record({ status: fc.constantFrom(401, 410, 429, 500, 504), retryAfterMs: fc.constantFrom(0, 1_000, 20_000) }),
);
const service = fc.constantFrom("web", "api");
const pods = fc.uniqueArray(fc.tuple(fc.integer({ min: 2, max: 6 }), fc.constantFrom<Condition>("ready", "unready", "draining", "dead")), {
  selector: ([pod]) => pod,
  maxLength: 4,
});
const slice = fc.integer({ min: 1, max: 3 });
const deed: fc.Arbitrary<Deed> = fc.oneof(
  {
    weight: 8,
    arbitrary: fc.tuple(service, slice, pods).map(
      ([name, index, all]): Deed =>
        (it) =>
          it.setSlice(name, index, all),
    ),
  },
  {
    weight: 2,
    arbitrary: fc.tuple(service, slice).map(
      ([name, index]): Deed =>
        ({ apiserver }) =>
          apiserver.delete(slicePath, `slice-${name}-${index}`),
    ),
  },
  { weight: 2, arbitrary: fc.constant<Deed>((it) => it.put(servicePath, serviceObject({}, { name: "api" }))) },
  fc.constant<Deed>(({ apiserver }) => apiserver.delete(servicePath, "service-api")),
  {
    weight: 4,
    arbitrary: fc.constantFrom(1, 60, 150, 5_000).map(
      (ms): Deed =>
        (it) =>
          it.pass(ms, ms > 1_000 ? 1_000 : 10),
    ),
  },
  {
    weight: 2,
    arbitrary: fault.map(
      (each): Deed =>
        ({ apiserver }) =>
          apiserver.faults.push(each),
    ),
  },
  fc.constantFrom<Deed>(
    ({ apiserver }) => apiserver.end(),
    ({ apiserver }) => apiserver.end(new Error("reset")),
    ({ apiserver }) => apiserver.cut(),
    ({ apiserver }) => apiserver.stall(),
    ({ apiserver }) => apiserver.compact(),
    ({ apiserver }) => void Object.assign(apiserver, { hasWatchList: !apiserver.hasWatchList }),
  ),
);

test("whatever happens, services become what Kubernetes has, and a pod that is always ready is always there", {
  timeout: 240_000,
}, async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(deed, { maxLength: 25 }), fc.nat(), async (deeds, seed) => {
      const registered = new Registered(seed);
      for (const act of deeds) {
        await act(registered);
        await registered.pass(1, 1);
      }
      registered.apiserver.faults.length = 0;
      await registered.pass(240_000, 5_000);
      await registered.pass(400, 50);
      registered.close();
      expect(registered.isComplete).toBe(true);
      expect(new Map([...registered.told].sort())).toEqual(new Map([...registered.expected()].sort()));
      expect(registered.ofWeb.filter((text) => !text.split(" ").includes("10.0.0.1"))).toEqual([]);
    }),
    { numRuns },
  );
});

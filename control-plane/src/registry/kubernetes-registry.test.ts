import { describe, expect, onTestFinished, test } from "vitest";
import { manualClock } from "../../../src/testing/manual-clock.ts";
import { seededRandom } from "../../../src/testing/seeded-random.ts";
import { RecordingObserver } from "../../../test/control-plane/recording-observer.ts";
import { ModelApiserver } from "../../../test/kubernetes/model-apiserver.ts";
import type { ModelObject } from "../../../test/kubernetes/model-store.ts";
import { podEndpoint, podObject, serviceObject, sliceObject } from "../../../test/kubernetes/objects.ts";
import type { Service } from "../service.ts";
import { type KubernetesRegistryOptions, kubernetesRegistry } from "./kubernetes-registry.ts";
import type { RegistryObserver } from "./registry.ts";

const servicePath = "/api/v1/services";
const slicePath = "/apis/discovery.k8s.io/v1/endpointslices";
const podPath = "/api/v1/pods";
const paths: Readonly<Record<string, string>> = { Service: servicePath, EndpointSlice: slicePath, Pod: podPath };

/** A registry of a model apiserver in virtual time, and what it tells. */
class Watched {
  readonly clock = manualClock();
  readonly apiserver = new ModelApiserver(this.clock);
  readonly warnings: object[] = [];
  readonly #observer = new RecordingObserver();
  readonly #options: Partial<KubernetesRegistryOptions>;

  constructor(options: Partial<KubernetesRegistryOptions> = {}) {
    this.#options = options;
  }

  start(present: (service: Service) => void = () => {}, remoteClusters: Readonly<Record<string, ModelApiserver>> = {}) {
    const { heard: _, ...all } = this.#observer;
    const observer: RegistryObserver = {
      ...all,
      present(service) {
        all.present(service);
        present(service);
      },
    };
    const logger = { debug() {}, info() {}, warn: (details: object) => this.warnings.push(details), error() {} };
    const { clock, apiserver } = this;
    const watch = kubernetesRegistry({ client: apiserver, clock, random: seededRandom(1), logger, remoteClusters, ...this.#options }).watch(
      observer,
    );
    onTestFinished(() => watch.close());
    return watch;
  }

  put(...objects: readonly ModelObject[]): void {
    for (const object of objects) this.apiserver.put(paths[`${object.kind}`] ?? "", object);
  }

  /** What is told within so many ms. */
  async told(withinMs = 0): Promise<readonly string[]> {
    await new Promise((resolve) => setImmediate(resolve));
    for (let ms = 0; ms <= withinMs; ms++) {
      this.clock.advance(ms === 0 ? 0 : 1);
      await new Promise((resolve) => setImmediate(resolve));
    }
    return this.#observer.heard.splice(0);
  }
}

/** One that has told `web` with the pods 1 and 2, each in a slice of its own. */
async function complete() {
  const watched = new Watched();
  watched.put(serviceObject(), sliceObject([podEndpoint(1)], {}, { name: "web-1" }), sliceObject([podEndpoint(2)], {}, { name: "web-2" }));
  watched.start();
  expect(await watched.told()).toEqual(["web.shop:80=10.0.0.1,10.0.0.2", "complete"]);
  await watched.told(200);
  return watched;
}

describe("nothing is told before both lists are there", () => {
  test.each([[servicePath], [slicePath]])("%s is late", async (late) => {
    const watched = new Watched();
    watched.put(serviceObject(), sliceObject([podEndpoint(1)]));
    const { apiserver } = watched;
    const get = apiserver.get.bind(apiserver);
    let isLate = true;
    apiserver.get = (request) => (request.path === late && isLate ? Promise.reject(new Error("not yet")) : get(request));
    watched.start();
    expect((await watched.told(3_000)).filter((text) => !text.startsWith("trouble"))).toEqual([]);
    isLate = false;
    expect((await watched.told(30_000)).filter((text) => !text.startsWith("trouble"))).toEqual([
      "web.shop:80=10.0.0.1",
      "complete",
      "no trouble",
    ]);
  });
});

describe("changes", () => {
  test("are told at once after a time of quiet, and then every 100 ms", async () => {
    const watched = await complete();
    watched.put(sliceObject([podEndpoint(1), podEndpoint(3)], {}, { name: "web-1" }));
    expect(await watched.told()).toEqual(["web.shop:80=10.0.0.1,10.0.0.2,10.0.0.3"]);
    watched.put(sliceObject([podEndpoint(1), podEndpoint(3), podEndpoint(4)], {}, { name: "web-1" }));
    watched.put(sliceObject([podEndpoint(1), podEndpoint(3), podEndpoint(4), podEndpoint(5)], {}, { name: "web-1" }));
    expect(await watched.told(99)).toEqual([]);
    expect(await watched.told(1)).toEqual(["web.shop:80=10.0.0.1,10.0.0.2,10.0.0.3,10.0.0.4,10.0.0.5"]);
  });

  test("that make no difference are not told", async () => {
    const watched = await complete();
    watched.put(
      sliceObject([podEndpoint(1)], {}, { name: "web-1", annotations: { "endpoints.kubernetes.io/last-change-trigger-time": "now" } }),
    );
    expect(await watched.told(1_000)).toEqual([]);
  });

  test("of readiness wait no longer than additions", async () => {
    const watched = await complete();
    watched.put(sliceObject([podEndpoint(1, { ready: false, serving: false, terminating: false })], {}, { name: "web-1" }));
    expect(await watched.told()).toEqual(["web.shop:80=10.0.0.2"]);
  });
});

describe("an endpoint that moves from one slice to another is never missing", () => {
  test.each([0, 50, 99])("where it is in none for %i ms", async (gapMs) => {
    const watched = await complete();
    watched.put(sliceObject([], {}, { name: "web-1" }));
    const heard = [...(await watched.told(gapMs))];
    watched.put(sliceObject([podEndpoint(2), podEndpoint(1)], {}, { name: "web-2" }));
    heard.push(...(await watched.told(1_000)));
    expect(heard.filter((text) => !text.includes("10.0.0.1"))).toEqual([]);
  });

  test("where its slice is deleted", async () => {
    const watched = await complete();
    watched.apiserver.delete(slicePath, "slice-web-1");
    await watched.told(50);
    watched.put(sliceObject([podEndpoint(1)], {}, { name: "web-3" }));
    expect((await watched.told(1_000)).filter((text) => !text.includes("10.0.0.1"))).toEqual([]);
  });

  test("but one that turns up nowhere is gone within 200 ms", async () => {
    const watched = await complete();
    watched.put(sliceObject([], {}, { name: "web-1" }));
    expect(await watched.told(99)).toEqual([]);
    expect(await watched.told(101)).toEqual(["web.shop:80=10.0.0.2"]);
  });

  test("and one that turns up at another port is there alone", async () => {
    const watched = await complete();
    const ports = [{ name: "grpc", port: 9999, protocol: "TCP" }];
    watched.put(sliceObject([podEndpoint(1), podEndpoint(2)], { ports }, { name: "web-3" }));
    for (const name of ["slice-web-1", "slice-web-2"]) watched.apiserver.delete(slicePath, name);
    expect(await watched.told()).toEqual(["web.shop:80=10.0.0.1,10.0.0.2"]);
  });

  test("and one that turns up where it is not ready is not kept", async () => {
    const watched = await complete();
    watched.put(sliceObject([], {}, { name: "web-1" }));
    watched.put(sliceObject([podEndpoint(2), podEndpoint(1, { ready: false })], {}, { name: "web-2" }));
    expect(await watched.told()).toEqual(["web.shop:80=10.0.0.2"]);
  });
});

describe("Services and slices come in any order", () => {
  test("slices first", async () => {
    const watched = new Watched();
    watched.start();
    expect(await watched.told()).toEqual(["complete"]);
    watched.put(sliceObject([podEndpoint(1)]));
    expect(await watched.told(500)).toEqual([]);
    watched.put(serviceObject());
    expect(await watched.told()).toEqual(["web.shop:80=10.0.0.1"]);
  });

  test("a Service that goes takes its names along, and comes back with what there is then", async () => {
    const watched = await complete();
    watched.apiserver.delete(servicePath, "service-web");
    expect(await watched.told(500)).toEqual(["gone web.shop:80"]);
    watched.put(serviceObject());
    expect(await watched.told()).toEqual(["web.shop:80=10.0.0.1,10.0.0.2"]);
  });

  test("a Service that is deleted and created anew while the apiserver is away stays", async () => {
    const watched = await complete();
    watched.apiserver.stall();
    watched.apiserver.delete(servicePath, "service-web");
    watched.put({ ...serviceObject(), metadata: { ...serviceObject().metadata, uid: "another" } });
    watched.apiserver.compact();
    watched.apiserver.end(new Error("reset"));
    expect(await watched.told(5_000)).toEqual([]);
    watched.apiserver.delete(servicePath, "another");
    expect(await watched.told()).toEqual(["gone web.shop:80"]);
  });

  test("a slice that is given to another Service is that one's", async () => {
    const watched = await complete();
    watched.put({ ...serviceObject({}, { name: "other" }) });
    await watched.told();
    watched.put(sliceObject([podEndpoint(2)], {}, { name: "web-2", labels: { "kubernetes.io/service-name": "other" } }));
    const heard = await watched.told(500);
    expect(heard.toSorted()).toEqual(["other.shop:80=10.0.0.2", "web.shop:80=10.0.0.1"]);
  });

  test("a port that is renumbered is another name", async () => {
    const watched = await complete();
    watched.put(serviceObject({ ports: [{ name: "grpc", port: 81, protocol: "TCP" }] }));
    expect(await watched.told()).toEqual(["web.shop:81=10.0.0.1,10.0.0.2", "gone web.shop:80"]);
  });
});

test("the apiserver may be away for as long as it likes: nothing changes", async () => {
  const watched = await complete();
  watched.apiserver.get = () => Promise.reject(new Error("connection refused"));
  watched.apiserver.end(new Error("reset"));
  const heard = await watched.told(60_000);
  expect(heard.filter((text) => !text.startsWith("trouble"))).toEqual([]);
  expect(heard.length).toBeGreaterThan(2);
});

test("trouble is over when all collections are well", async () => {
  const watched = await complete();
  watched.apiserver.faults.push("refuse", "refuse", "refuse", "refuse", "refuse");
  watched.apiserver.end(new Error("reset"));
  const heard = (await watched.told(40_000)).map((text) => text.replace(/:.*/, ""));
  expect(heard[0]).toBe("trouble");
  expect(heard.at(-1)).toBe("no trouble");
  expect(heard.filter((text) => text === "no trouble")).toHaveLength(1);
});

test("what is wrong with a Service is logged once, and counted until it is mended", async () => {
  const watched = new Watched();
  watched.put(serviceObject({ type: "ExternalName", externalName: "db.example.com" }));
  const watch = watched.start();
  await watched.told();
  const problems = () => watch.measures?.find(({ name }) => name === "registry.kubernetes.problems")?.read();
  expect(problems()).toEqual([{ value: 1, labels: { service: "shop/web" } }]);
  watched.put(sliceObject([podEndpoint(1)]));
  await watched.told(500);
  expect(watched.warnings).toEqual([{ service: "shop/web", problem: expect.stringMatching(/ExternalName/) }]);
  watched.put(serviceObject());
  await watched.told(500);
  expect(problems()).toEqual([{ value: 0, labels: {} }]);
});

test("pods have their shards from the moment that they are known, and keep them to the end", async () => {
  const watched = new Watched({ readsPods: true });
  const shards: string[] = [];
  watched.put(serviceObject(), sliceObject([podEndpoint(1), podEndpoint(2)]), podObject(1, { "meshless.dev/shard": "7" }));
  watched.start(({ endpoints }) => shards.push(endpoints.map(({ labels }) => labels.shard ?? "-").join()));
  await watched.told(500);
  watched.put(podObject(2, { app: "web" }), podObject(2, { "meshless.dev/shard": "8" }));
  await watched.told(500);
  watched.apiserver.delete(podPath, "pod-2");
  await watched.told(500);
  expect(shards).toEqual(["7,-", "7,8"]);
});

test("with namespaces, only their collections are read", async () => {
  const watched = new Watched({ namespaces: ["shop", "pay", "shop"] });
  const read: string[] = [];
  const get = watched.apiserver.get.bind(watched.apiserver);
  watched.apiserver.get = (request) => {
    read.push(request.path);
    return get(request);
  };
  const watch = watched.start();
  expect(await watched.told()).toEqual(["complete"]);
  expect(read).toEqual([
    "/api/v1/namespaces/shop/services",
    "/api/v1/namespaces/pay/services",
    "/apis/discovery.k8s.io/v1/namespaces/shop/endpointslices",
    "/apis/discovery.k8s.io/v1/namespaces/pay/endpointslices",
  ]);
  const lists = watch.measures?.find(({ name }) => name === "registry.kubernetes.lists")?.read();
  expect(lists).toEqual(read.map((path) => ({ value: 1, labels: { path } })));
});

test("a name that clients can't ask for is told", async () => {
  const watched = new Watched();
  watched.put({ ...serviceObject({}, { namespace: "123" }) });
  watched.start();
  expect(await watched.told()).toEqual(["complete"]);
  expect(watched.warnings).toEqual([{ service: "123/web", problem: "web.123:80 is no name that clients can ask for" }]);
});

test("of a service with several ports, only those are told that are not what they were", async () => {
  const watched = new Watched();
  const ports = [
    { name: "grpc", port: 80, protocol: "TCP" },
    { name: "admin", port: 90, protocol: "TCP" },
  ];
  const slice = (port: string, ...pods: readonly number[]) =>
    sliceObject(
      pods.map((pod) => podEndpoint(pod)),
      { ports: [{ name: port, port: 8080, protocol: "TCP" }] },
      { name: `web-${port}` },
    );
  watched.put(serviceObject({ ports }), slice("grpc", 1), slice("admin", 1));
  watched.start();
  expect(await watched.told()).toEqual(["web.shop:80=10.0.0.1", "web.shop:90=10.0.0.1", "complete"]);
  watched.put(slice("admin", 1, 2));
  expect(await watched.told(500)).toEqual(["web.shop:90=10.0.0.1,10.0.0.2"]);
});

test("an endpoint that stays is the same object, so that what was made of it is kept", async () => {
  const watched = new Watched();
  const told: (readonly object[])[] = [];
  watched.put(serviceObject(), sliceObject([podEndpoint(1), podEndpoint(2)]));
  watched.start(({ endpoints }) => told.push(endpoints));
  await watched.told();
  watched.put(sliceObject([podEndpoint(1), podEndpoint(2, { ready: false, serving: true, terminating: true })]));
  await watched.told(500);
  expect(told[1]?.[0]).toBe(told[0]?.[0]);
  expect(told[1]?.[1]).not.toBe(told[0]?.[1]);
});

describe("annotations of a Service say how it is called:", () => {
  const annotated = (annotations: Readonly<Record<string, string>>, version = 1) => {
    const service = serviceObject();
    return { ...service, metadata: { ...service.metadata, resourceVersion: `${version}`, annotations } };
  };
  async function started(annotations: Readonly<Record<string, string>>) {
    const watched = new Watched();
    const told: Service[] = [];
    watched.put(annotated(annotations));
    const watch = watched.start((service) => told.push(service));
    await watched.told(200);
    const problems = () => watch.measures?.find(({ name }) => name === "registry.kubernetes.problems")?.read()[0]?.value;
    return { watched, told, problems };
  }

  test("each as the field of a file of services, in YAML, and fallbacks by their names", async () => {
    const { told, problems } = await started({
      "meshless.dev/fallback": "web-eu.shop, web.backup:8080",
      "meshless.dev/clients": "web, audit/reader",
      "meshless.dev/retry": "{ on: [unavailable], maxRetries: 2 }",
      "meshless.dev/circuit-breaker": "maxRequests: 100",
      "meshless.dev/policy": "roundRobin",
      "meshless.dev/ejection": "{ consecutiveFailures: 5, baseEjectionMs: 30000 }",
      "meshless.dev/slow-start": "windowMs: 30000",
      "other.dev/retry": "whatever",
    });
    expect(told).toMatchObject([
      {
        name: { text: "web.shop:80" },
        fallback: ["web-eu.shop:80", "web.backup:8080"],
        clients: ["web", "audit/reader"],
        retry: { on: ["unavailable"], maxRetries: 2, backoffMs: 25, maxBackoffMs: 250 },
        circuitBreaker: { maxRequests: 100 },
        policy: { name: "roundRobin" },
        ejection: { consecutiveFailures: 5, baseEjectionMs: 30_000 },
        slowStart: { windowMs: 30_000 },
      },
    ]);
    expect(problems()).toBe(0);
  });

  test.each([
    ["fallback", "web", /meshless\.dev\/fallback: 0: expected names of Services, such as checkout-eu\.shop or/],
    ["fallback", "", /meshless\.dev\/fallback: expected names of Services, such as checkout-eu\.shop, with commas/],
    ["clients", "Shop", /meshless\.dev\/clients: 0: expected a namespace such as "shop"/],
    ["clients", "a,,b", /meshless\.dev\/clients: 1: expected a namespace/],
    ["retry", "{ on: [often] }", /meshless\.dev\/retry: on: 0: Invalid option/],
    ["retry", "{ on: [unavailable", /meshless\.dev\/retry: .*expected object/],
    ["circuit-breaker", "{ maxRequests: -1 }", /meshless\.dev\/circuit-breaker: maxRequests: /],
    ["policy", "fastest", /meshless\.dev\/policy: .*expected powerOfTwo, roundRobin or weightedRoundRobin/],
    ["ejection", "{}", /meshless\.dev\/ejection: expected at least one of consecutiveFailures/],
    ["slow-start", "30s", /meshless\.dev\/slow-start: .*expected object/],
    ["sticky", "yes", /meshless\.dev\/sticky: unknown; known are fallback, /],
  ])("%s: %j is told, and ignored", async (name, text, message) => {
    const { watched, told, problems } = await started({ [`meshless.dev/${name}`]: text });
    expect(told).toEqual([{ name: expect.anything(), portName: "grpc", fallback: [], endpoints: [] }]);
    expect(watched.warnings).toEqual([{ service: "shop/web", problem: expect.stringMatching(message) }]);
    expect(problems()).toBe(1);
  });

  test.each(["*", "'*'", '["*"]'])("clients are everybody by %s", async (text) => {
    const { told, problems } = await started({ "meshless.dev/clients": text });
    expect([told[0]?.clients, problems()]).toEqual([["*"], 0]);
  });

  test("where one becomes wrong, the last good one stays until it is mended or taken away", async () => {
    const { watched, told, problems } = await started({ "meshless.dev/policy": "roundRobin", "meshless.dev/slow-start": "windowMs: 1000" });
    watched.put(annotated({ "meshless.dev/policy": "fastest", "meshless.dev/slow-start": "windowMs: 2000" }, 2));
    await watched.told(200);
    expect(told.at(-1)).toMatchObject({ policy: { name: "roundRobin" }, slowStart: { windowMs: 2_000 } });
    expect(watched.warnings).toEqual([{ service: "shop/web", problem: expect.stringMatching(/policy.*; the last good one stays$/) }]);
    watched.put(annotated({}, 3));
    await watched.told(200);
    expect(told.at(-1)).toEqual({ name: expect.anything(), portName: "grpc", fallback: [], endpoints: [] });
    expect(problems()).toBe(0);
  });
});

describe("other clusters", () => {
  async function two() {
    const watched = new Watched();
    const remote = new ModelApiserver(watched.clock);
    const put = (...objects: readonly ModelObject[]) => {
      for (const object of objects) remote.put(paths[`${object.kind}`] ?? "", object);
    };
    const told: string[] = [];
    const start = () =>
      watched.start(
        ({ endpoints }) => told.push(endpoints.map(({ address, priority, region }) => `${address} ${priority} ${region}`.trim()).join()),
        { eu: remote },
      );
    return { watched, remote, put, told, start };
  }
  const abroad = (number: number) => ({ ...podEndpoint(number), addresses: [`10.9.0.${number}`] });

  test("come in as higher priorities, in the region of their name, and only for Services that are here", async () => {
    const { watched, put, told, start } = await two();
    watched.put(serviceObject(), sliceObject([podEndpoint(1)]));
    put(serviceObject(), sliceObject([abroad(2)]), serviceObject({}, { name: "theirs" }));
    start();
    expect((await watched.told()).at(-1)).toBe("complete");
    expect(told.at(-1)).toBe("10.0.0.1 0,10.9.0.2 1 eu");
    put(sliceObject([abroad(2), abroad(3)]));
    await watched.told(200);
    expect(told.at(-1)).toBe("10.0.0.1 0,10.9.0.2 1 eu,10.9.0.3 1 eu");
  });

  test("that can't be reached keep nobody waiting for more than 3 s, and come in when they can", async () => {
    const { watched, remote, put, told, start } = await two();
    watched.put(serviceObject(), sliceObject([podEndpoint(1)]));
    put(serviceObject(), sliceObject([abroad(2)]));
    const get = remote.get.bind(remote);
    remote.get = () => Promise.reject(new Error("no route to host"));
    start();
    expect(await watched.told(2_999)).not.toContain("complete");
    expect(await watched.told(1)).toContain("complete");
    expect(told).toEqual(["10.0.0.1 0"]);
    remote.get = get;
    await watched.told(30_000);
    expect(told.at(-1)).toBe("10.0.0.1 0,10.9.0.2 1 eu");
  });

  test("that are lost keep their last endpoints, and those of this cluster go on changing", async () => {
    const { watched, remote, put, told, start } = await two();
    watched.put(serviceObject(), sliceObject([podEndpoint(1)]));
    put(serviceObject(), sliceObject([abroad(2)]));
    start();
    await watched.told(200);
    remote.get = () => Promise.reject(new Error("no route to host"));
    remote.end(new Error("reset"));
    const heard = await watched.told(10_000);
    expect(heard).toEqual(expect.arrayContaining([expect.stringMatching(/^trouble: cluster eu: /)]));
    watched.put(sliceObject([podEndpoint(1), podEndpoint(3)], {}, { version: 2 }));
    await watched.told(200);
    expect(told.at(-1)).toBe("10.0.0.1 0,10.0.0.3 0,10.9.0.2 1 eu");
  });
});

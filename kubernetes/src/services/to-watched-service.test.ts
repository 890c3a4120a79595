import { describe, expect, test } from "vitest";
import { podEndpoint, podObject, serviceObject, sliceObject } from "../../../test/kubernetes/objects.ts";
import type { KubernetesObject } from "../reflector/kubernetes-object.ts";
import { readEndpointSlice, serviceNameLabel } from "./read-endpoint-slice.ts";
import { readPod } from "./read-pod.ts";
import { readService } from "./read-service.ts";
import { toWatchedService } from "./to-watched-service.ts";

const translated = (
  service: KubernetesObject,
  slices: readonly KubernetesObject[],
  ownPodsOnly = false,
  pods: readonly KubernetesObject[] = [],
) =>
  toWatchedService(
    readService(service),
    slices.map((slice) => readEndpointSlice(slice, serviceNameLabel)),
    {
      ownPodsOnly,
      pods: new Map(pods.map((pod) => [pod.metadata.uid, readPod(pod)])),
    },
  );

/** Such as `web.shop:80 10.0.0.1:8080 10.0.0.2:8080(draining)`. */
function texts(service: KubernetesObject, slices: readonly KubernetesObject[], ownPodsOnly = false): readonly string[] {
  const { name, namespace, ports } = translated(service, slices, ownPodsOnly);
  return ports.map(({ port, endpoints }) => {
    const each = endpoints.map(({ address, port, health }) => `${address}:${port}${health === "healthy" ? "" : `(${health})`}`);
    return [`${name}.${namespace}:${port}`, ...each].join(" ");
  });
}

const conditions = (ready: boolean | null, serving: boolean | null, terminating: boolean | null) => ({ ready, serving, terminating });
const isReady = conditions(true, true, false);
const isUnready = conditions(false, false, false);
const isTerminating = conditions(false, true, true);
const isDead = conditions(false, false, true);

describe("conditions are read as kube-proxy reads them", () => {
  test.each<[string, object | null | undefined, string]>([
    ["ready", isReady, "10.0.0.1:8080"],
    ["no conditions at all", undefined, "10.0.0.1:8080"],
    ["conditions that are null", null, "10.0.0.1:8080"],
    ["each of them null", conditions(null, null, null), "10.0.0.1:8080"],
    ["not ready", isUnready, ""],
    ["not ready, the others null", conditions(false, null, null), ""],
    ["terminating, and serving", isTerminating, "10.0.0.1:8080"],
    ["terminating, serving null", conditions(false, null, true), "10.0.0.1:8080"],
    ["terminating, and not serving", isDead, ""],
  ])("%s", (_, each, expected) => {
    const endpoint = { ...podEndpoint(1), conditions: each };
    expect(texts(serviceObject(), [sliceObject([endpoint])])).toEqual([["web.shop:80", expected].join(" ").trim()]);
  });

  test("one that terminates and serves is draining as long as another one is ready", () => {
    expect(
      texts(serviceObject(), [
        sliceObject([podEndpoint(1), podEndpoint(2, isTerminating), podEndpoint(3, isUnready), podEndpoint(4, isDead)]),
      ]),
    ).toEqual(["web.shop:80 10.0.0.1:8080 10.0.0.2:8080(draining)"]);
  });

  test("where pods that are not ready are wanted, they come where nothing better is, and are told apart", () => {
    const service = serviceObject({ publishNotReadyAddresses: true });
    // Kubernetes then calls every one of them ready.
    const [ready, unready, terminating] = [isReady, conditions(true, false, false), conditions(true, true, true)];
    expect(texts(service, [sliceObject([podEndpoint(1, ready), podEndpoint(2, unready), podEndpoint(3, terminating)])])).toEqual([
      "web.shop:80 10.0.0.1:8080 10.0.0.2:8080(unhealthy) 10.0.0.3:8080(draining)",
    ]);
    expect(texts(service, [sliceObject([podEndpoint(2, unready)])])).toEqual(["web.shop:80 10.0.0.2:8080"]);
  });
});

describe("slices are joined", () => {
  const two = (first: readonly object[], second: readonly object[], versions: readonly [number, number] = [1, 2]) => [
    sliceObject(first, {}, { name: "web-1", version: versions[0] }),
    sliceObject(second, {}, { name: "web-2", version: versions[1] }),
  ];

  test("all that are of the Service", () => {
    expect(texts(serviceObject(), two([podEndpoint(1)], [podEndpoint(2)]))).toEqual(["web.shop:80 10.0.0.1:8080 10.0.0.2:8080"]);
    expect(texts(serviceObject(), [sliceObject(null), sliceObject([]), sliceObject([podEndpoint(1)], { ports: null })])).toEqual([
      "web.shop:80",
    ]);
  });

  test("a pod in two of them counts once, as the newer one has it", () => {
    const stale = podEndpoint(1, isUnready);
    expect(texts(serviceObject(), two([stale], [podEndpoint(1)], [9, 10]))).toEqual(["web.shop:80 10.0.0.1:8080"]);
    expect(texts(serviceObject(), two([stale], [podEndpoint(1)], [10, 9]))).toEqual(["web.shop:80"]);
  });

  test("an address that went from one pod to another is the one's that is ready", () => {
    const taken = { ...podEndpoint(2), addresses: ["10.0.0.1"] };
    const { ports } = translated(serviceObject(), two([podEndpoint(1, isTerminating)], [taken]));
    expect(ports[0]?.endpoints).toMatchObject([{ id: "pod-2:8080", address: "10.0.0.1", health: "healthy" }]);
  });

  test("a pod with addresses of both families counts once, by that which the Service prefers", () => {
    const v6 = sliceObject([{ ...podEndpoint(1), addresses: ["fd00::1"] }], { addressType: "IPv6" }, { name: "web-2", version: 9 });
    const slices = [sliceObject([podEndpoint(1)]), v6];
    expect(texts(serviceObject({ ipFamilies: ["IPv4", "IPv6"] }), slices)).toEqual(["web.shop:80 10.0.0.1:8080"]);
    expect(texts(serviceObject({ ipFamilies: ["IPv6", "IPv4"] }), slices)).toEqual(["web.shop:80 fd00::1:8080"]);
    expect(texts(serviceObject({ ipFamilies: ["IPv4", "IPv6"] }), [v6])).toEqual(["web.shop:80 fd00::1:8080"]);
  });

  test("without pods to tell by, addresses of the preferred family count alone", () => {
    const slices = [
      sliceObject([{ addresses: ["10.9.0.1"] }]),
      sliceObject([{ addresses: ["fd00::1"] }], { addressType: "IPv6" }, { name: "web-2" }),
    ];
    expect(texts(serviceObject({ ipFamilies: ["IPv6", "IPv4"] }), slices)).toEqual(["web.shop:80 fd00::1:8080"]);
  });

  test("names of hosts are no endpoints, and of several addresses the first one counts", () => {
    const endpoints = [{ addresses: ["db.example.com"] }, { addresses: [] }, { addresses: null }, { addresses: ["10.9.0.1", "10.9.0.2"] }];
    expect(texts(serviceObject(), [sliceObject(endpoints)])).toEqual(["web.shop:80 10.9.0.1:8080"]);
  });
});

describe("ports", () => {
  const ports = [
    { name: "grpc", port: 80, protocol: "TCP" },
    { name: "admin", port: 9090, protocol: "TCP" },
    { name: "dns", port: 53, protocol: "UDP" },
  ];

  test("each over TCP is a service of its own, found by its name", () => {
    const named = [
      { name: "admin", port: 9000, protocol: "TCP" },
      { name: "grpc", port: 8080 },
      { name: "dns", port: 5353, protocol: "UDP" },
    ];
    expect(texts(serviceObject({ ports }), [sliceObject([podEndpoint(1)], { ports: named })])).toEqual([
      "web.shop:80 10.0.0.1:8080",
      "web.shop:9090 10.0.0.1:9000",
    ]);
    expect(translated(serviceObject({ ports }), []).ports.map(({ name }) => name)).toEqual(["grpc", "admin"]);
  });

  test("where pods give a port different numbers, each has its own", () => {
    const other = sliceObject([podEndpoint(2)], { ports: [{ name: "grpc", port: 9999, protocol: "TCP" }] }, { name: "web-2" });
    expect(texts(serviceObject(), [sliceObject([podEndpoint(1)]), other])).toEqual(["web.shop:80 10.0.0.1:8080 10.0.0.2:9999"]);
  });

  test("the only one needs no name, and one that looks like a number is none", () => {
    const unnamed = serviceObject({ ports: [{ port: 80 }] });
    expect(texts(unnamed, [sliceObject([podEndpoint(1)], { ports: [{ name: "", port: 8080 }] })])).toEqual(["web.shop:80 10.0.0.1:8080"]);
    expect(translated(unnamed, []).ports[0]?.name).toBe("");
    expect(translated(serviceObject({ ports: [{ name: "8080", port: 80 }] }), []).ports[0]?.name).toBe("");
  });

  test("one that a slice leaves open has no endpoints", () => {
    expect(texts(serviceObject(), [sliceObject([podEndpoint(1)], { ports: [{ name: "grpc", port: null }] })])).toEqual(["web.shop:80"]);
  });

  test("what an application speaks there does not matter", () => {
    const spoken = [{ name: "grpc", port: 8080, protocol: "TCP", appProtocol: "kubernetes.io/h2c" }];
    expect(texts(serviceObject(), [sliceObject([podEndpoint(1)], { ports: spoken })])).toEqual(["web.shop:80 10.0.0.1:8080"]);
  });
});

const usual = { weight: 1, priority: 0, health: "healthy" };

test("a port that speaks HTTP/1 is told of a Service that says something to our clients, and of no other", () => {
  const ports = [
    { name: "web", port: 80, appProtocol: "http" },
    { name: "grpc", port: 81, appProtocol: "kubernetes.io/h2c" },
  ];
  const service = serviceObject({ ports });
  expect(translated(service, []).problems).toEqual([]);
  const annotations = { "meshless.dev/policy": "roundRobin" };
  expect(translated({ ...service, metadata: { ...service.metadata, annotations } } as KubernetesObject, []).problems).toEqual([
    "port 80 speaks http (appProtocol), and clients HTTP/2: say kubernetes.io/h2c if its servers do too",
  ]);
});

test("an endpoint is its pod and port, and has its zone and node; without a pod it is its address", () => {
  const endpoints = [
    podEndpoint(1, isReady, { zone: "a", nodeName: "n", hints: { forZones: [{ name: "b" }] } }),
    { addresses: ["10.9.0.1"] },
  ];
  expect(translated(serviceObject(), [sliceObject(endpoints)]).ports[0]?.endpoints).toEqual([
    { id: "10.9.0.1:8080", address: "10.9.0.1", port: 8080, region: "", zone: "", node: "", ...usual, labels: {} },
    { id: "pod-1:8080", address: "10.0.0.1", port: 8080, region: "", zone: "a", node: "n", ...usual, labels: {} },
  ]);
});

test("a headless Service is one like others, and its pods have their hostnames as labels", () => {
  const slice = sliceObject([podEndpoint(1, isReady, { hostname: "web-0" })]);
  const { ports } = translated(serviceObject({ clusterIP: "None" }), [slice]);
  expect(ports[0]?.endpoints).toMatchObject([{ address: "10.0.0.1", labels: { hostname: "web-0" } }]);
  expect(translated(serviceObject({ clusterIP: "None", ports: null }), [slice])).toMatchObject({ ports: [], problems: [] });
});

describe("shard and weight", () => {
  const settings = (labels: Record<string, string>, annotations: Record<string, string> = {}) => {
    const { ports, problems } = translated(serviceObject(), [sliceObject([podEndpoint(1)], {}, { labels, annotations })]);
    return { endpoint: ports[0]?.endpoints[0], problems };
  };

  test("come from labels of a slice or of its Service, and before them from annotations", () => {
    expect(settings({ "meshless.dev/shard": "7", "meshless.dev/weight": "20" }, { "meshless.dev/weight": "30" })).toMatchObject({
      endpoint: { weight: 30, labels: { shard: "7" } },
      problems: [],
    });
  });

  test("come from pods before all, where those are read", () => {
    const slice = sliceObject(
      [podEndpoint(1), podEndpoint(2), podEndpoint(3)],
      {},
      { labels: { "meshless.dev/shard": "7", "meshless.dev/weight": "20" } },
    );
    const pods = [podObject(1, { "meshless.dev/shard": "8" }), podObject(2, { "meshless.dev/weight": "no" })];
    const { ports, problems } = translated(serviceObject(), [slice], false, pods);
    expect(ports[0]?.endpoints).toMatchObject([
      { weight: 20, labels: { shard: "8" } },
      { weight: 20, labels: { shard: "7" } },
      { weight: 20, labels: { shard: "7" } },
    ]);
    expect(problems).toEqual([expect.stringMatching(/^Pod pod-2: meshless\.dev\/weight: expected a whole number/)]);
  });

  test.each([
    ["meshless.dev/weight", "0", /meshless\.dev\/weight: expected a whole number from 1 to 1000000, got "0"; it is ignored/],
    ["meshless.dev/weight", "1e3", /got "1e3"/],
    ["meshless.dev/weight", "1000001", /got "1000001"/],
    ["meshless.dev/weight", "", /got ""/],
    ["meshless.dev/shard", "", /meshless\.dev\/shard: expected 1 to 256 characters/],
    ["meshless.dev/shard", "\n", /got "\\n"/],
    ["meshless.dev/sahrd", "7", /EndpointSlice web-1: meshless\.dev\/sahrd: unknown; known are shard and weight/],
    ["meshless.dev/__proto__", "7", /unknown/],
  ])("%s: %j is told and ignored", (name, text, message) => {
    const { endpoint, problems } = settings({}, { [name]: text });
    expect(endpoint).toMatchObject({ weight: 1, labels: {} });
    expect(problems).toEqual([expect.stringMatching(message)]);
  });

  test.each(["__proto__", "constructor", "toString"])("a shard, zone or hostname that is called %s is a text like others", (name) => {
    const slice = sliceObject(
      [podEndpoint(1, isReady, { zone: name, hostname: name })],
      {},
      { annotations: { "meshless.dev/shard": name } },
    );
    const endpoint = translated(serviceObject(), [slice]).ports[0]?.endpoints[0];
    expect(endpoint).toMatchObject({ zone: name, labels: { hostname: name, shard: name } });
    expect(Object.getPrototypeOf(endpoint?.labels)).toBe(Object.prototype);
  });
});

test("another name for a host is refused, with what to do instead", () => {
  expect(translated(serviceObject({ type: "ExternalName", externalName: "db.example.com", ports: null }), [])).toMatchObject({
    ports: [],
    problems: [
      'it is another name for "db.example.com" (ExternalName) and has no endpoints: let clients call that host, as in dns:///db.example.com:443',
    ],
  });
});

describe("with whom calls stay", () => {
  const inZone = (number: number, zone: string, hints?: object, condition: object = isReady) =>
    podEndpoint(number, condition, { zone, nodeName: `n${number}`, ...(hints && { hints }) });
  const forZones = (...names: readonly string[]) => ({ forZones: names.map((name) => ({ name })) });
  const portOf = (service: KubernetesObject, ...endpoints: readonly object[]) => translated(service, [sliceObject(endpoints)]).ports[0];
  /** Such as `a` of an endpoint that is for its own zone, or `a>b` of one that is for another one. */
  const zonesOf = (...endpoints: readonly object[]) =>
    portOf(serviceObject(), ...endpoints)?.endpoints.map(({ zone, labels }) =>
      [zone, ...(labels.forZones ?? [])].join(labels.forZones ? ">" : ""),
    );

  test("is the zone, by hints where all that are ready have them", () => {
    expect(zonesOf(inZone(1, "a", forZones("a")), inZone(2, "a", forZones("b")))).toEqual(["a", "a>b"]);
    expect(zonesOf(inZone(1, "a", forZones("a")), inZone(2, "a", forZones("b")), inZone(3, "b"))).toEqual(["a", "a", "b"]);
  });

  test("those that are not ready have no say, and are for their own zone", () => {
    expect(zonesOf(inZone(1, "a", forZones("b")), inZone(2, "a", undefined, isTerminating))).toEqual(["a>b", "a"]);
  });

  test("is the node, where all that are ready have hints for nodes", () => {
    const forNode = { ...forZones("a"), forNodes: [{ name: "n" }] };
    expect(portOf(serviceObject(), inZone(1, "a", forNode), inZone(2, "a", forNode))?.affinity).toBe("node");
    expect(portOf(serviceObject(), inZone(1, "a", forNode), inZone(2, "a", forZones("a")))?.affinity).toBe("zone");
    expect(portOf(serviceObject())?.affinity).toBe("zone");
  });

  test("is the node alone, where the Service says so", () => {
    const port = portOf(serviceObject({ internalTrafficPolicy: "Local" }), inZone(1, "a"));
    expect(port).toMatchObject({ affinity: "nodeOnly", endpoints: [{ node: "n1" }] });
  });
});

describe("a Service without a selector", () => {
  const service = serviceObject({ selector: null });
  const foreign = (endpoints: readonly object[]) =>
    sliceObject(endpoints, {}, { labels: { "endpointslice.kubernetes.io/managed-by": "somebody" } });

  test("has what somebody writes for it", () => {
    expect(texts(service, [foreign([{ addresses: ["10.9.0.1"] }])])).toEqual(["web.shop:80 10.9.0.1:8080"]);
  });

  test("has nothing where only a Service's own pods are wanted, whatever its slices claim", () => {
    expect(texts(service, [foreign([{ addresses: ["10.9.0.1"] }])], true)).toEqual(["web.shop:80"]);
    expect(texts(service, [sliceObject([podEndpoint(1)])], true)).toEqual(["web.shop:80"]);
    expect(translated(service, [sliceObject([podEndpoint(1)])], true).problems).toEqual([
      "1 EndpointSlices are left out: Kubernetes did not write them from a selector, and only its own pods are wanted",
    ]);
  });
});

test("where only a Service's own pods are wanted, nobody adds to them what is none, nor pods of other namespaces", () => {
  const others = [{ addresses: ["10.9.0.1"] }, podEndpoint(2, isReady, { targetRef: { kind: "Pod", namespace: "other", uid: "pod-2" } })];
  const written = sliceObject([podEndpoint(3)], {}, { name: "mine", labels: { "endpointslice.kubernetes.io/managed-by": "me" } });
  const slices = [sliceObject([podEndpoint(1), ...others]), written];
  expect(texts(serviceObject(), slices, true)).toEqual(["web.shop:80 10.0.0.1:8080"]);
  expect(texts(serviceObject(), slices)).toEqual(["web.shop:80 10.0.0.2:8080 10.9.0.1:8080 10.0.0.1:8080 10.0.0.3:8080"]);
});

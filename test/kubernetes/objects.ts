interface ObjectNames {
  readonly name?: string;
  readonly namespace?: string;
  readonly labels?: Readonly<Record<string, string>>;
  readonly annotations?: Readonly<Record<string, string>>;
  readonly version?: number;
}

/** For tests: a Service as an apiserver has it, `web` in `shop`, with one port. */
export function serviceObject(spec: object = {}, { name = "web", namespace = "shop" }: ObjectNames = {}) {
  return {
    apiVersion: "v1",
    kind: "Service",
    metadata: { name, namespace, uid: `service-${name}`, resourceVersion: "1" },
    spec: {
      selector: { app: name },
      ports: [{ name: "grpc", port: 80, protocol: "TCP", targetPort: 8080 }],
      ipFamilies: ["IPv4"],
      ...spec,
    },
  };
}

/** For tests: an EndpointSlice of `web`, as a controller writes it. */
export function sliceObject(endpoints: readonly object[] | null, fields: object = {}, names: ObjectNames = {}) {
  const { name = "web-1", namespace = "shop", labels = {}, annotations = {}, version = 1 } = names;
  const always = { "kubernetes.io/service-name": "web", "endpointslice.kubernetes.io/managed-by": "endpointslice-controller.k8s.io" };
  return {
    apiVersion: "discovery.k8s.io/v1",
    kind: "EndpointSlice",
    metadata: { name, namespace, uid: `slice-${name}`, resourceVersion: `${version}`, labels: { ...always, ...labels }, annotations },
    addressType: "IPv4",
    ports: [{ name: "grpc", port: 8080, protocol: "TCP" }],
    endpoints,
    ...fields,
  };
}

/** For tests: an endpoint of a slice, the pod `pod-N` at 10.0.0.N. */
export function podEndpoint(number: number, conditions: object = { ready: true, serving: true, terminating: false }, fields: object = {}) {
  return { addresses: [`10.0.0.${number}`], conditions, targetRef: { kind: "Pod", namespace: "shop", uid: `pod-${number}` }, ...fields };
}

/** For tests: the metadata of the pod `pod-N`. */
export function podObject(number: number, labels: Readonly<Record<string, string>>) {
  const name = `pod-${number}`;
  return { kind: "Pod", metadata: { name, namespace: "shop", uid: name, resourceVersion: "1", labels } };
}

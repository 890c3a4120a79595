import { createBalancedTransport } from "meshless";
import { describe, expect, onTestFinished, test } from "vitest";
import { manualClock } from "../../../src/testing/manual-clock.ts";
import { seededRandom } from "../../../src/testing/seeded-random.ts";
import { ModelApiserver } from "../../../test/kubernetes/model-apiserver.ts";
import type { ModelObject } from "../../../test/kubernetes/model-store.ts";
import { podEndpoint, serviceObject, sliceObject } from "../../../test/kubernetes/objects.ts";
import { eventually } from "../../../test/support/until.ts";
import { type KubernetesSourceOptions, kubernetesSource } from "./kubernetes-source.ts";

const paths: Readonly<Record<string, string>> = {
  Service: "/api/v1/namespaces/shop/services",
  EndpointSlice: "/apis/discovery.k8s.io/v1/namespaces/shop/endpointslices",
};

/** A source of a model apiserver in virtual time, and what one of its watches hears. */
class Sourced {
  readonly clock = manualClock();
  readonly apiserver = new ModelApiserver(this.clock);
  readonly heard: string[] = [];

  start(asked: string, options: KubernetesSourceOptions = {}): void {
    const source = kubernetesSource({ client: this.apiserver, clock: this.clock, random: seededRandom(1), ...options });
    const watch = source.watch(asked, {
      onUpdate: ({ endpoints }) =>
        this.heard.push(
          endpoints?.map(({ address, port, locality }) => `${address}:${port}${locality?.zone ?? ""}`).join() ?? "no such service",
        ),
      onError: ({ message }) => this.heard.push(message),
    });
    onTestFinished(() => watch.close());
  }

  put(...objects: readonly ModelObject[]): void {
    for (const object of objects) this.apiserver.put(paths[`${object.kind}`] ?? "", object);
  }

  async told(withinMs = 0): Promise<readonly string[]> {
    await new Promise((resolve) => setImmediate(resolve));
    for (let ms = 0; ms <= withinMs; ms++) {
      this.clock.advance(ms === 0 ? 0 : 1);
      await new Promise((resolve) => setImmediate(resolve));
    }
    return this.heard.splice(0);
  }
}

const ports = [
  { name: "web", port: 80, protocol: "TCP" },
  { name: "grpc", port: 90, protocol: "TCP" },
];
const slicePorts = [
  { name: "web", port: 8080, protocol: "TCP" },
  { name: "grpc", port: 9090, protocol: "TCP" },
];

describe("a target is a Service and a port of it", () => {
  test.each([
    ["web.shop:80", "10.0.0.1:8080a"],
    ["web.shop:web", "10.0.0.1:8080a"],
    ["web.shop:grpc", "10.0.0.1:9090a"],
    ["web.shop", "10.0.0.1:9090a"],
    ["web.shop.svc:90", "10.0.0.1:9090a"],
    ["web.shop.svc.cluster.local", "10.0.0.1:9090a"],
    ["kubernetes:///web.shop:80", "10.0.0.1:8080a"],
  ])("%s", async (target, endpoint) => {
    const sourced = new Sourced();
    sourced.put(serviceObject({ ports }), sliceObject([podEndpoint(1, undefined, { zone: "a" })], { ports: slicePorts }));
    sourced.start(target);
    expect(await sourced.told()).toEqual([endpoint]);
  });

  test("that of the option goes before the one that is asked for", async () => {
    const sourced = new Sourced();
    sourced.put(serviceObject({ ports }), sliceObject([podEndpoint(1)], { ports: slicePorts }));
    sourced.start("api.example.com", { target: "kubernetes:///web.shop:80" });
    expect(await sourced.told()).toEqual(["10.0.0.1:8080"]);
  });

  test.each(["", "web", "web:80", "WEB.shop:80", "web.shop:", "web.shop:80:80", "dns:///web.shop:80", "a.b.c:80"])(
    "%j is none",
    (target) => {
      expect(() => kubernetesSource({ target })).toThrow(/expected a Service such as "kubernetes:\/\/\/checkout.shop:8080", got /);
      expect(() => createBalancedTransport(kubernetesSource(), target === "" ? {} : { authority: target })).toThrow();
    },
  );
});

test("only that Service is read", async () => {
  const sourced = new Sourced();
  const queries: string[] = [];
  const get = sourced.apiserver.get.bind(sourced.apiserver);
  sourced.apiserver.get = (request) => {
    queries.push(`${request.path} ${request.query.fieldSelector ?? request.query.labelSelector}`);
    return get(request);
  };
  sourced.start("web.shop:80");
  await sourced.told();
  expect(queries).toEqual([
    "/api/v1/namespaces/shop/services metadata.name=web",
    "/apis/discovery.k8s.io/v1/namespaces/shop/endpointslices kubernetes.io/service-name=web",
  ]);
});

test("changes are told, and that a Service comes and goes", async () => {
  const sourced = new Sourced();
  sourced.start("web.shop:80");
  expect(await sourced.told()).toEqual(["no such service"]);
  sourced.put(serviceObject());
  expect(await sourced.told()).toEqual([""]);
  sourced.put(sliceObject([podEndpoint(1)]));
  expect(await sourced.told(100)).toEqual(["10.0.0.1:8080"]);
  sourced.apiserver.delete(paths.Service ?? "", "service-web");
  expect(await sourced.told(100)).toEqual(["no such service"]);
});

describe("what is wrong is told:", () => {
  test("a port that the Service has not", async () => {
    const sourced = new Sourced();
    sourced.put(serviceObject({ ports }));
    sourced.start("web.shop:81");
    expect(await sourced.told()).toEqual(["no such service", "Service web.shop: it has no port 81 over TCP; it has 80 (web), 90 (grpc)"]);
  });

  test("another name for a host", async () => {
    const sourced = new Sourced();
    sourced.put(serviceObject({ type: "ExternalName", externalName: "db.example.com", ports: null }));
    sourced.start("web.shop:81");
    expect(await sourced.told()).toEqual([
      "no such service",
      expect.stringMatching(/^Service web.shop: it is another name .*ExternalName/),
    ]);
  });

  test("addresses that may be no endpoints, unless they are allowed", async () => {
    const slice = sliceObject([podEndpoint(1), { ...podEndpoint(2), addresses: ["169.254.169.254"] }]);
    const [strict, lenient] = [new Sourced(), new Sourced()];
    strict.put(serviceObject(), slice);
    strict.start("web.shop:80");
    expect(await strict.told()).toEqual(["10.0.0.1:8080", "Service web.shop: 169.254.169.254: refused as endpoints; see allowAddresses"]);
    lenient.put(serviceObject(), slice);
    lenient.start("web.shop:80", { allowAddresses: ["169.254.0.0/16"] });
    expect(await lenient.told()).toEqual(["10.0.0.1:8080,169.254.169.254:8080"]);
  });

  test("that there is no kubeconfig, until there is one", async () => {
    const clock = manualClock();
    const errors: string[] = [];
    const source = kubernetesSource({ kubeconfig: "/nowhere/config", clock, random: seededRandom(1) });
    const watch = source.watch("web.shop:80", { onUpdate() {}, onError: ({ message }) => errors.push(message) });
    onTestFinished(() => watch.close());
    await eventually(() => {
      clock.advance(1_000);
      return errors.length > 0;
    });
    expect(errors[0]).toMatch(/ENOENT.*\/nowhere\/config/);
  });
});

test("while the apiserver is away the last set stays, and it is told again when that is over", async () => {
  const sourced = new Sourced();
  sourced.put(serviceObject(), sliceObject([podEndpoint(1)]));
  sourced.start("web.shop:80");
  expect(await sourced.told()).toEqual(["10.0.0.1:8080"]);
  sourced.apiserver.faults.push("refuse", "refuse", "refuse", "refuse", "refuse", "refuse");
  sourced.apiserver.end(new Error("reset"));
  const heard = await sourced.told(60_000);
  expect(heard[0]).toMatch(/refused|reset/);
  expect(heard.at(-1)).toBe("10.0.0.1:8080");
});

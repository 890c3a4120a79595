import { createBalancedTransport, type Logger } from "meshless";
import { describe, expect, test } from "vitest";
import { createControlPlane } from "../../control-plane/src/create-control-plane.ts";
import { kubernetesRegistry } from "../../control-plane/src/registry/kubernetes-registry.ts";
import { systemClock } from "../../src/clock.ts";
import { manualClock } from "../../src/testing/manual-clock.ts";
import { startTcpProxy } from "../support/tcp-proxy.ts";
import { eventually } from "../support/until.ts";
import { use } from "../support/use.ts";
import { KnownPods } from "./known-pods.ts";
import { ModelApiserver } from "./model-apiserver.ts";
import { podEndpoint, serviceObject, sliceObject } from "./objects.ts";

const slices = "/apis/discovery.k8s.io/v1/endpointslices";

/** A replica that hears nothing any more since pod 1 was all there was, one that knows that pod 2 took its place, and a client that comes from the latter. */
async function clientOfBoth() {
  const apiserver = new ModelApiserver(manualClock());
  const setPods = (...pods: readonly number[]) => apiserver.put(slices, sliceObject(pods.map((pod) => podEndpoint(pod))));
  apiserver.put("/api/v1/services", serviceObject());
  setPods(1);
  const warnings: string[] = [];
  const logger: Logger = { debug() {}, info() {}, warn: (_, message) => warnings.push(`${message}`), error() {} };
  const startReplica = async (clock = systemClock) => {
    const registry = kubernetesRegistry({ client: apiserver, clock, timing: { backoffMs: 1, maxBackoffMs: 1 } });
    const replica = use(createControlPlane({ registry, clock, logger }));
    await eventually(() => replica.isComplete);
    return replica.listen("127.0.0.1:0");
  };
  const clock = manualClock();
  const behindPort = await startReplica(clock);
  apiserver.stall();
  const aheadPort = await startReplica();
  const proxy = use(await startTcpProxy(aheadPort));
  const discovery = { xds: { controlPlane: `static:///${proxy.address}` } };
  const transport = use(createBalancedTransport("xds:///web.shop:80", { discovery }));
  const known = new KnownPods(transport, () => clock.advance(0));
  await known.are("1");
  setPods(1, 2);
  await known.are("1,2");
  setPods(2);
  await known.are("2");
  proxy.redirect(behindPort);
  proxy.resetPeers();
  await eventually(() => warnings.some((text) => text.includes("waits for this one to catch up")));
  return { apiserver, setPods, clock, known };
}

describe("a client that comes to a replica which is behind the one it had", () => {
  test("keeps what it knows until that one has caught up, and never goes back", async () => {
    const { apiserver, setPods, clock, known } = await clientOfBoth();
    clock.advance(5_000);
    setPods(2, 3);
    await known.are("2");
    apiserver.asked.length = 0;
    apiserver.end();
    const eachMs = (condition: () => boolean) =>
      eventually(() => {
        clock.advance(1);
        return condition();
      });
    // Both replicas watch Services and EndpointSlices again.
    await eachMs(() => apiserver.asked.length >= 4);
    for (let ms = 0; ms < 1_000; ms++) await eachMs(() => true);
    await known.are("2,3");
    expect(known.history).toEqual(["", "1", "1,2", "2", "2,3"]);
  });

  test("is told what that one knows after 10 s", async () => {
    const { clock, known } = await clientOfBoth();
    for (let count = 0; count < 39; count++) clock.advance(250);
    await known.are("2");
    expect(known.history).toEqual(["", "1", "1,2", "2"]);
    clock.advance(250);
    await known.are("1");
  });
});

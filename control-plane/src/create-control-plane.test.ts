import { manualClock } from "meshless/testing";
import { describe, expect, it } from "vitest";
import { TestClient } from "../../test/control-plane/test-client.ts";
import { eventually } from "../../test/support/until.ts";
import { use } from "../../test/support/use.ts";
import type { ControlPlaneOptions } from "./control-plane-options.ts";
import { createControlPlane } from "./create-control-plane.ts";
import { memoryRegistry } from "./registry/memory-registry.ts";

const one = (address: string) => ({ endpoints: [`${address}:80`] });

async function listening(registry: ReturnType<typeof memoryRegistry>, options: Partial<ControlPlaneOptions> = {}) {
  const closed: string[] = [];
  const logger = {
    debug() {},
    info: (details: object, message: string) => message === "stream closed" && closed.push((details as { reason: string }).reason),
    warn() {},
    error() {},
  };
  const controlPlane = use(createControlPlane({ registry, logger, removalGraceMs: 0, ...options }));
  const port = await controlPlane.listen("127.0.0.1:0");
  return { controlPlane, port, client: new TestClient(port), closed };
}

async function nextOf(texts: AsyncGenerator<string>): Promise<string | undefined> {
  return (await texts.next()).value;
}

const variants = (["delta", "sotw"] as const).flatMap((variant) => [
  { variant, isAggregated: true },
  { variant, isAggregated: false },
]);

describe.each(variants)("a control plane on a socket, $variant, aggregated: $isAggregated", ({ variant, isAggregated }) => {
  it("sends endpoints, and what becomes of them", async () => {
    const registry = memoryRegistry({ "a.b:80": one("10.0.0.1"), "c.d:80": one("10.0.0.2") });
    const { client } = await listening(registry);
    const texts = client[variant](isAggregated, "a.b:80", "e.f:80");
    expect(await nextOf(texts)).toBe(variant === "delta" ? "a.b:80=10.0.0.1 -e.f:80" : "a.b:80=10.0.0.1 e.f:80=");
    registry.set("a.b:80", one("10.0.0.3"));
    expect(await nextOf(texts)).toBe("a.b:80=10.0.0.3");
    registry.set("e.f:80", one("10.0.0.4"));
    expect(await nextOf(texts)).toBe("e.f:80=10.0.0.4");
    registry.delete("a.b:80");
    expect(await nextOf(texts)).toBe(variant === "delta" ? "-a.b:80" : "a.b:80=");
    client.cancel();
  });

  it("sends each client what that one asked for", async () => {
    const registry = memoryRegistry({ "a.b:80": one("10.0.0.1"), "c.d:80": one("10.0.0.2") });
    const { client, port } = await listening(registry);
    const other = new TestClient(port);
    const [a, both] = [client[variant](isAggregated, "a.b:80"), other[variant](isAggregated, "a.b:80", "c.d:80")];
    expect([await nextOf(a), await nextOf(both)]).toEqual(["a.b:80=10.0.0.1", "a.b:80=10.0.0.1 c.d:80=10.0.0.2"]);
    registry.set("c.d:80", one("10.0.0.3"));
    expect(await nextOf(both)).toBe("c.d:80=10.0.0.3");
    registry.set("a.b:80", one("10.0.0.4"));
    expect([await nextOf(a), await nextOf(both)]).toEqual(["a.b:80=10.0.0.4", "a.b:80=10.0.0.4"]);
    client.cancel();
    other.cancel();
  });

  it("sends nothing before the registry is complete", async () => {
    const registry = memoryRegistry({ "a.b:80": one("10.0.0.1") }, false);
    const { client, controlPlane } = await listening(registry);
    const first = nextOf(client[variant](isAggregated, "a.b:80", "c.d:80"));
    expect(controlPlane.isComplete).toBe(false);
    registry.set("c.d:80", one("10.0.0.2"));
    registry.complete();
    expect(await first).toBe("a.b:80=10.0.0.1 c.d:80=10.0.0.2");
    client.cancel();
  });
});

describe("a control plane", () => {
  it("lets go of a client that goes", async () => {
    const { client, closed } = await listening(memoryRegistry({ "a.b:80": one("10.0.0.1") }));
    const texts = client.delta(true, "a.b:80");
    await nextOf(texts);
    client.cancel();
    await expect(texts.next()).rejects.toThrow(/canceled/);
    await eventually(() => closed.length === 1);
    expect(closed[0]).toMatch(/cancelled|closed by the client/);
  });

  it("sends a client that did not read for long the last state", async () => {
    const registry = memoryRegistry({ "a.b:80": one("10.0.0.1") });
    const { client } = await listening(registry);
    const texts = client.delta(true, "a.b:80");
    await nextOf(texts);
    for (let index = 0; index < 200; index++) registry.set("a.b:80", one(`10.0.1.${index}`));
    expect(await nextOf(texts)).toBe("a.b:80=10.0.1.199");
    client.cancel();
  });

  it("turns a stream away that there is no room for", async () => {
    const { client } = await listening(memoryRegistry({ "a.b:80": {} }), { limits: { maxStreams: 1 } });
    await nextOf(client.delta(true, "a.b:80"));
    await expect(nextOf(client.delta(true, "a.b:80"))).rejects.toThrow(/resource_exhausted.*1 streams/);
    client.cancel();
  });

  it("turns a stream away when it does not know all services within 10 s", async () => {
    const clock = manualClock();
    const { client } = await listening(memoryRegistry({}, false), { clock });
    const first = nextOf(client.delta(true, "a.b:80"));
    first.catch(() => {});
    await eventually(() => clock.pending >= 3); // keep-alive, age, and this
    clock.advance(10_000);
    await expect(first).rejects.toThrow(/unavailable.*does not know all services yet/);
  });

  it("ends streams when they are old, each at another time, and their clients come back on another connection", async () => {
    const clock = manualClock();
    const { client, closed } = await listening(memoryRegistry({ "a.b:80": {} }), { clock, limits: { maxAgeMs: 1_000 }, random: () => 0.5 });
    const texts = client.delta(true, "a.b:80");
    await nextOf(texts);
    clock.advance(899);
    expect(closed).toEqual([]);
    clock.advance(1);
    expect((await texts.next()).done).toBe(true);
    expect(closed).toEqual(["aged"]);
    expect(await nextOf(client.delta(true, "a.b:80"))).toBe("a.b:80=");
    client.cancel();
  });

  it("drains: every stream ends well within the time, and nothing new comes in", async () => {
    const { client, controlPlane, closed, port } = await listening(memoryRegistry({ "a.b:80": {} }));
    const streams = Array.from({ length: 5 }, () => client.delta(true, "a.b:80"));
    await Promise.all(streams.map(nextOf));
    const drained = controlPlane.drain(100);
    expect((await Promise.all(streams.map((texts) => texts.next()))).every(({ done }) => done)).toBe(true);
    await drained;
    expect(closed).toEqual(Array(5).fill("draining"));
    await expect(nextOf(new TestClient(port).delta(true, "a.b:80"))).rejects.toThrow(/unavailable/);
  });
});

import { X509Certificate } from "node:crypto";
import { manualClock } from "meshless/testing";
import { describe, expect, it } from "vitest";
import { memoryRegistry } from "../../control-plane/src/registry/memory-registry.ts";
import { balancedClient } from "../support/balanced-client.ts";
import { startEchoFleet } from "../support/echo-fleet.ts";
import { failureOf } from "../support/failure-of.ts";
import { type CertificateRequest, createPki } from "../support/test-pki.ts";
import { eventually } from "../support/until.ts";
import { use } from "../support/use.ts";
import { connected, replacedFile, startSecuredPlane } from "./secured-plane.ts";
import { TestClient } from "./test-client.ts";

const one = (address: string) => ({ endpoints: [`${address}:80`] });
const cart: CertificateRequest = { uris: ["spiffe://prod.example/ns/shop/sa/cart"] };

describe("a control plane with TLS", () => {
  it("lets in clients that show a certificate of its authority, and nobody else", async () => {
    const plane = await startSecuredPlane({ registry: memoryRegistry({ "a.b:80": one("10.0.0.1") }) });
    const stranger = await createPki("CN=another authority");
    const ask = (tls?: object) => new TestClient(plane.port, tls).delta(true, "a.b:80").next();
    expect((await ask(await plane.tlsOf(cart))).value).toBe("a.b:80=10.0.0.1");
    const { ca } = plane.pki;
    for (const tls of [{ ca }, { ca, ...(await stranger.issueFor(cart)) }, await plane.tlsOf({ ...cart, valid: "past" }), undefined]) {
      await expect(ask(tls)).rejects.toThrow();
    }
    expect(await plane.metrics()).toMatch(/^meshless_control_plane_tls_failures_total(\{.*\})? [1-9]/m);
  });

  it.each(["TLSv1.2", "TLSv1.3"] as const)(
    "asks each connection for its certificate, also one that would resume another: %s",
    async (maxVersion) => {
      const plane = await startSecuredPlane({ registry: memoryRegistry() });
      const tls = { ...(await plane.tlsOf(cart)), maxVersion };
      const { session } = await connected(plane.port, tls);
      expect(session).toBeInstanceOf(Buffer);
      expect((await connected(plane.port, { ...tls, session })).isResumed).toBe(false);
    },
  );

  it("takes new certificates from its files, and keeps its streams and the last good ones", async () => {
    const clock = manualClock();
    const registry = memoryRegistry({ "a.b:80": one("10.0.0.1") });
    const plane = await startSecuredPlane({ registry, clock });
    const tls = await plane.tlsOf(cart);
    const client = new TestClient(plane.port, tls);
    const texts = client.delta(true, "a.b:80");
    await texts.next();
    const second = await plane.issueServer();
    await plane.dir.swap(plane.pki.ca, second);
    clock.advance(10_000);
    await plane.log.next("TLS renewed");
    const serial = new X509Certificate(second.cert).serialNumber;
    expect((await connected(plane.port, tls)).serial).toBe(serial);

    await plane.dir.swap(plane.pki.ca, { cert: (await plane.issueServer()).cert, key: second.key });
    clock.advance(10_000);
    expect((await plane.log.next("TLS in trouble")).problem).toMatch(/tls\.crt and .*tls\.key: .*mismatch/);
    expect((await connected(plane.port, tls)).serial).toBe(serial);
    expect(await plane.metrics()).toMatch(/^meshless_control_plane_tls_trouble(\{.*\})? 1$/m);

    await plane.dir.swap("", second);
    clock.advance(10_000);
    expect((await plane.log.next("TLS in trouble")).problem).toMatch(/ca\.crt: no certificate in PEM/);
    await plane.dir.swap(plane.pki.ca, second);
    clock.advance(10_000);
    await plane.log.next("TLS is well again");
    registry.set("a.b:80", one("10.0.0.2"));
    expect((await texts.next()).value).toBe("a.b:80=10.0.0.2");
    client.cancel();
  });

  it("does not start with files that are no pair, and says which", async () => {
    const plane = await startSecuredPlane({ registry: memoryRegistry() });
    await plane.dir.swap(plane.pki.ca, { cert: "x", key: "x" });
    const { createControlPlane } = await import("../../control-plane/src/create-control-plane.ts");
    const { cert, key } = plane.dir.files;
    expect(() => createControlPlane({ registry: memoryRegistry(), tls: { cert, key } })).toThrow(/tls\.crt: no certificate in PEM/);
    expect(() => createControlPlane({ registry: memoryRegistry(), allowList: {} })).toThrow(/tls\.clientCa/);
    expect(() => createControlPlane({ registry: memoryRegistry(), loadReportIntervalMs: 0 })).toThrow(/more than 0 milliseconds/);
  });
});

describe("an allow-list", () => {
  const rules = (...services: readonly string[]) => `clients:\n  "spiffe://prod.example/ns/shop/sa/*": ${JSON.stringify(services)}\n`;

  it("gives our own client what is allowed, lets the rest not exist for it, and is followed under its stream", async () => {
    const fleet = use(await startEchoFleet(1));
    const endpoints = fleet.servers.map(({ port }) => ({ address: "127.0.0.1", port }));
    const registry = memoryRegistry({ "checkout.shop:80": { endpoints }, "pay.bank:80": { endpoints } });
    const file = replacedFile(rules("*.shop:*"));
    const plane = await startSecuredPlane({ registry, allowAddresses: ["127.0.0.0/8"], allowList: file.path });
    const xds = { controlPlane: `127.0.0.1:${plane.port}`, tls: await plane.tlsOf(cart) };
    // Else it would go on calling servers that serve, in case they were left out by mistake.
    const options = { discovery: { xds }, shrinkGuard: false } as const;
    const [shop, bank] = ["checkout.shop:80", "pay.bank:80"].map((name) => balancedClient(`xds:///${name}`, options));
    await shop?.client.echo({});
    expect((await failureOf(bank?.client.echo({}) ?? Promise.resolve())).message).toMatch(/unavailable.*there is no such service/);
    expect(await plane.log.next("client asks for what it may not have")).toMatchObject({
      identity: cart.uris?.[0],
      type: "endpoints",
      name: "pay.bank:80",
    });
    expect(await plane.metrics()).toMatch(/^meshless_control_plane_denials_total\{type="endpoints".*\} 1$/m);
    await shop?.client.echo({});

    file.write(rules("*.bank:*"));
    await plane.log.next("allow-list renewed");
    await eventually(() => bank?.transport.inspect().state === "open" && shop?.transport.inspect().state === "noSuchService");
    await bank?.client.echo({});

    file.write("clients: [");
    expect((await plane.log.next("allow-list in trouble")).problem).toMatch(/file\.yaml:1: /);
    await bank?.client.echo({});
  });

  it("gives clients what stands behind an allowed service: its own endpoints, its fallbacks', and all under other names", async () => {
    const registry = memoryRegistry({
      "a.shop:80": { ...one("10.0.0.1"), fallback: ["b.bank:80"] },
      "b.bank:80": one("10.0.0.2"),
      "c.bank:80": one("10.0.0.3"),
    });
    const plane = await startSecuredPlane({ registry, allowList: { "spiffe://prod.example/ns/shop/sa/*": ["*.shop:*"] } });
    const names = ["a.shop", "a.shop.svc.cluster.local:80", "a.shop:80/own", "b.bank:80/own", "b.bank:80", "b.bank.svc:80", "c.bank:80"];
    const ask = async (client: CertificateRequest) =>
      (await new TestClient(plane.port, await plane.tlsOf(client)).delta(true, ...names).next()).value;
    expect(await ask(cart)).toBe(
      "a.shop=10.0.0.1,10.0.0.2 a.shop.svc.cluster.local:80=10.0.0.1,10.0.0.2 a.shop:80/own=10.0.0.1 b.bank:80/own=10.0.0.2 " +
        "-b.bank:80 -b.bank.svc:80 -c.bank:80",
    );
    for (const nobody of [{ commonName: "spiffe://prod.example/ns/shop/sa/cart" }, { uris: ["spiffe://other.example/ns/shop/sa/cart"] }]) {
      expect(await ask(nobody)).toBe(names.map((name) => `-${name}`).join(" "));
    }
  });
});

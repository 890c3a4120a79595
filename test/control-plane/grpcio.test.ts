import { expect, onTestFinished, test } from "vitest";
import { createControlPlane } from "../../control-plane/src/create-control-plane.ts";
import { memoryRegistry } from "../../control-plane/src/registry/memory-registry.ts";
import { startEchoFleet } from "../support/echo-fleet.ts";
import { createSecretDir } from "../support/secret-dir.ts";
import { testPki } from "../support/test-pki.ts";
import { use } from "../support/use.ts";
import { ConstantCaller } from "./constant-caller.ts";
import { hasGrpcio, startGrpcio } from "./grpcio.ts";
import { startSecuredPlane } from "./secured-plane.ts";

if (!hasGrpcio) console.error("\nMISSING grpcio: gRPC's core is not tested against the control plane; `npm run peers` installs it\n");

test.skipIf(!hasGrpcio)(
  "gRPC's core loses no call when a fallback is taken away, be it while the control plane restarts",
  { timeout: 60_000 },
  async () => {
    const { servers } = await startEchoFleet(2);
    onTestFinished(() => Promise.all(servers.map((server) => server.kill())).then(() => {}));
    const [first, second] = servers.map(({ port }) => ({ endpoints: [{ address: "127.0.0.1", port }] }));
    const [service, backup] = ["echo.default:8080", "backup.default:8080"];
    const start = (services: Parameters<typeof memoryRegistry>[0]) => {
      const registry = memoryRegistry(services);
      return { registry, controlPlane: createControlPlane({ registry, allowAddresses: ["127.0.0.0/8"] }) };
    };
    let plane = start({ [service]: { ...first, fallback: [backup] }, [backup]: { ...second } });
    onTestFinished(() => plane.controlPlane.close());
    const port = await plane.controlPlane.listen("127.0.0.1:0");
    const caller = use(new ConstantCaller(await startGrpcio(port, service)));
    await caller.until((share) => share("s0") === 1);
    plane.registry.set(service, { ...second });
    await caller.until((share) => share("s1") === 1);
    plane.registry.set(service, { ...first, fallback: [backup] });
    await caller.until((share) => share("s0") === 1);
    await plane.controlPlane.close();
    plane = start({ [service]: { ...second } });
    await plane.controlPlane.listen(`127.0.0.1:${port}`);
    await caller.until((share) => share("s1") === 1);
    expect(caller.failures).toEqual([]);
  },
);

test.skipIf(!hasGrpcio)(
  "gRPC's core comes by mTLS, with the name that Kubernetes has for a service, and has what its certificate allows",
  async () => {
    const pki = await testPki();
    const client = use(await createSecretDir(pki.ca, await pki.issueFor({ uris: ["spiffe://prod.example/ns/shop/sa/cart"] })));
    const { ca, cert, key } = client.files;
    const tls = { ca_certificate_file: ca, certificate_file: cert, private_key_file: key };
    const { servers } = use(await startEchoFleet(1));
    const endpoints = servers.map(({ port }) => ({ address: "127.0.0.1", port }));
    const registry = memoryRegistry({ "checkout.shop:80": { endpoints, fallback: ["pay.bank:80"] }, "pay.bank:80": { endpoints } });
    const allowList = { "spiffe://prod.example/ns/shop/sa/*": ["*.shop:*"] };
    const plane = await startSecuredPlane({ registry, allowAddresses: ["127.0.0.0/8"], allowList });
    const call = await startGrpcio(plane.port, "checkout.shop.svc.cluster.local:80", tls);
    expect(await call()).toBe("s0");
  },
);

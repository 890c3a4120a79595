import { expect, onTestFinished } from "vitest";
import { type ControlPlane, createControlPlane } from "../../control-plane/src/create-control-plane.ts";
import { type MemoryRegistry, memoryRegistry } from "../../control-plane/src/registry/memory-registry.ts";
import type { ServiceDefinition } from "../../control-plane/src/registry/service-schema.ts";
import { startEchoFleet } from "../support/echo-fleet.ts";
import { use } from "../support/use.ts";
import { ConstantCaller } from "./constant-caller.ts";

/** A client of the control plane, by whatever peer. */
export type StartPeer = (controlPlanePort: number, service: string) => Promise<() => Promise<string>>;

type Endpoints = Exclude<ServiceDefinition["endpoints"], undefined>;

const service = "echo.default:8080";
const backup = "backup.default:8080";

/** The control plane of a test. Another one can take its place. */
class Plane implements AsyncDisposable {
  registry: MemoryRegistry = memoryRegistry({ [service]: {} });
  port = 0;
  #controlPlane: ControlPlane | undefined;

  async start(): Promise<void> {
    this.#controlPlane = createControlPlane({ registry: this.registry, allowAddresses: ["127.0.0.0/8"] });
    this.port = await this.#controlPlane.listen(`127.0.0.1:${this.port}`);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#controlPlane?.close();
  }
}

/**
 * Changes a fleet under a client that never pauses: endpoints are added, drained and removed, weights change, a zone is lost, the service is deleted and
 * created again, it falls back on another one and returns, the control plane is restarted with other endpoints. No call fails.
 *
 * @returns how many calls were made
 */
export async function runUpdateScript(startPeer: StartPeer): Promise<number> {
  const { servers } = await startEchoFleet(4);
  // Killed, since peers keep connections that they don't use.
  onTestFinished(() => Promise.all(servers.map((server) => server.kill())).then(() => {}));
  const at = (index: number, fields: object = {}) => ({ address: "127.0.0.1", port: servers[index]?.port ?? 0, ...fields });
  const plane = use(new Plane());
  const set = (...endpoints: Endpoints) => plane.registry.set(service, { endpoints });
  set(at(0), at(1));
  await plane.start();
  const caller = use(new ConstantCaller(await startPeer(plane.port, service)));

  await caller.until((share) => share("s0") > 0.3 && share("s1") > 0.3);
  set(at(0), at(1), at(2));
  await caller.until((share) => share("s2") > 0.2);
  set(at(0, { health: "draining" }), at(1), at(2));
  await caller.until((share) => share("s0") === 0);
  set(at(1), at(2));
  await servers[0]?.kill();
  await caller.until((share) => share("s1") > 0.3 && share("s2") > 0.3);
  set(at(1, { zone: "a", weight: 1 }), at(2, { zone: "b", weight: 3 }));
  await caller.until((share) => Math.abs(share("s2") - 0.75) < 0.05);
  set(at(2, { zone: "b", weight: 3 }));
  await caller.until((share) => share("s1") === 0);
  plane.registry.delete(service);
  set(at(1), at(2));
  await caller.until((share) => share("s1") > 0.3 && share("s2") > 0.3);
  const fallBack = (...endpoints: Endpoints) => plane.registry.set(service, { endpoints, fallback: [backup] });
  plane.registry.set(backup, { endpoints: [at(3)] });
  fallBack(at(1), at(2));
  await caller.until((share) => share("s1") > 0.3 && share("s2") > 0.3);
  fallBack(at(1, { health: "draining" }), at(2, { health: "draining" }));
  await caller.until((share) => share("s3") === 1);
  fallBack();
  await caller.until((share) => share("s3") === 1);
  fallBack(at(1), at(2));
  await caller.until((share) => share("s1") > 0.3 && share("s2") > 0.3);
  await plane[Symbol.asyncDispose]();
  await caller.until((share) => share("s1") > 0.3);
  plane.registry = memoryRegistry({ [service]: { endpoints: [at(1), at(3)] } });
  await plane.start();
  await caller.until((share) => share("s3") > 0.3 && share("s2") === 0);

  expect(caller.failures).toEqual([]);
  return caller.calls;
}

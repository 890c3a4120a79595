// A source of your own: endpoints from wherever you keep them. It says the whole set, whenever the set changes.
import assert from "node:assert/strict";
import { createClient } from "@connectrpc/connect";
import { createBalancedTransport } from "meshless";
import type { EndpointObserver, EndpointSource } from "meshless/discovery";
import { EchoService } from "../../test/gen/meshless/testing/v1/echo_pb.ts";
import { countAnswers } from "../count-answers.ts";
import { type EchoServer, startEchoServer } from "../echo-server.ts";

/** Stands for a registry, such as Consul or a table of yours. */
class Registry implements EndpointSource {
  readonly #observers = new Set<EndpointObserver>();
  #servers: readonly EchoServer[] = [];

  register(...servers: readonly EchoServer[]): void {
    this.#servers = servers;
    for (const observer of this.#observers) this.#tell(observer);
  }

  watch(_target: string, observer: EndpointObserver) {
    this.#observers.add(observer);
    queueMicrotask(() => this.#tell(observer));
    return { refresh: () => {}, close: () => void this.#observers.delete(observer) };
  }

  #tell(observer: EndpointObserver): void {
    const endpoints = this.#servers.map(({ name, port }) => {
      return { id: name, address: "127.0.0.1", port, weight: 1, priority: 0, health: "healthy", labels: {} } as const;
    });
    if (this.#observers.has(observer)) observer.onUpdate({ endpoints });
  }
}

const [anna, ben, carla] = await Promise.all([startEchoServer("anna"), startEchoServer("ben"), startEchoServer("carla")]);
const registry = new Registry();
registry.register(anna, ben);
const transport = createBalancedTransport(registry);
const client = createClient(EchoService, transport);

const before = await countAnswers(client, 100);
registry.register(ben, carla);
const after = await countAnswers(client, 100);

console.log("anna and ben are registered:", before);
console.log("ben and carla are registered:", after);
assert.deepEqual(Object.keys(before).sort(), ["anna", "ben"]);
assert.deepEqual(Object.keys(after).sort(), ["ben", "carla"]);

await transport.close();
await Promise.all([anna.close(), ben.close(), carla.close()]);

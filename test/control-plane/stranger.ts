import { createServer, type ServerHttp2Session } from "node:http2";
import type { Server } from "node:net";
import type { ConnectRouter } from "@connectrpc/connect";
import { connectNodeAdapter } from "@connectrpc/connect-node";
import { AggregatedDiscoveryService } from "../../control-plane/src/gen/envoy/service/discovery/v3/ads_pb.ts";
import type { DeltaDiscoveryRequest } from "../../control-plane/src/gen/envoy/service/discovery/v3/discovery_pb.ts";
import { closeServer, listenOnLoopback } from "../support/listen.ts";
import { Changes } from "../support/until.ts";

/** A control plane that is asked for one service, and tells of another. */
export class Stranger implements AsyncDisposable {
  port = 0;
  #answers = 0;
  readonly #changes = new Changes();
  readonly #sessions = new Set<ServerHttp2Session>();
  readonly #server = createServer(connectNodeAdapter({ routes: (router) => this.#serve(router) }));

  static async start(): Promise<Stranger> {
    const stranger = new Stranger();
    stranger.#server.on("session", (session) => stranger.#sessions.add(session));
    stranger.port = await listenOnLoopback(stranger.#server as Server);
    return stranger;
  }

  /** Resolves once somebody was answered. */
  answered(): Promise<void> {
    return this.#changes.until(() => this.#answers > 0);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const session of this.#sessions) session.destroy();
    if (this.#server.listening) await closeServer(this.#server as Server);
  }

  #serve(router: ConnectRouter): void {
    router.service(AggregatedDiscoveryService, { deltaAggregatedResources: (requests) => this.#answer(requests) });
  }

  async *#answer(requests: AsyncIterable<DeltaDiscoveryRequest>) {
    for await (const { typeUrl, responseNonce } of requests) {
      // What has a nonce accepts or refuses, and wants no answer.
      if (responseNonce !== "") continue;
      yield { typeUrl, nonce: "1", resources: [{ name: "other.default:8080", version: "1", resource: { typeUrl } }] };
      this.#answers++;
      this.#changes.announce();
    }
  }
}

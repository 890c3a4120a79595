import { once } from "node:events";
import { createServer, type Http2Server, type ServerHttp2Session } from "node:http2";
import { createHealthReporter, type Drain } from "meshless/server-hooks";
import { EchoService } from "../gen/meshless/testing/v1/echo_pb.ts";
import { echoService } from "../support/echo-service.ts";
import type { Namespace } from "./namespace.ts";
import type { PodNetwork } from "./pod-network.ts";

/** As Service and pods of tests have it. */
const targetPort = 8080;

interface ServingPod {
  readonly ip: string;
  readonly node: string;
  readonly server: Http2Server;
  readonly sessions: Set<ServerHttp2Session>;
  readonly drain: Drain;
}

/** For tests: pods of a Service that do serve, over HTTP/2 at addresses of their own, and are scheduled, ended and lost as pods are. */
export class ServingPods implements AsyncDisposable {
  readonly #namespace: Namespace;
  readonly #service: string;
  readonly #network: PodNetwork;
  readonly #pods = new Map<string, ServingPod>();
  #count = 0;

  constructor(namespace: Namespace, service: string, network: PodNetwork) {
    this.#namespace = namespace;
    this.#service = service;
    this.#network = network;
  }

  get names(): readonly string[] {
    return [...this.#pods.keys()];
  }

  get addresses(): readonly { readonly host: string; readonly port: number }[] {
    return [...this.#pods.values()].map(({ ip }) => ({ host: ip, port: targetPort }));
  }

  nodeOf(name: string): string {
    return this.#pods.get(name)?.node ?? "";
  }

  /** Resolves once whoever reads the Service's slices finds it ready. */
  async untilListed(name: string): Promise<void> {
    await this.#namespace.untilListed(this.#service, this.#pods.get(name)?.ip ?? "");
  }

  /** Listens, and is ready then. @returns its name, which its answers have */
  async start(node: string): Promise<string> {
    const name = `${this.#service}-${++this.#count}`;
    const ip = this.#network.next();
    const health = createHealthReporter();
    const server = createServer(health.handler({ routes: (router) => router.service(EchoService, echoService(name)) }));
    const sessions = new Set<ServerHttp2Session>();
    server.on("session", (session) => {
      sessions.add(session);
      session.once("close", () => sessions.delete(session));
    });
    const drain = health.drainOnSignal(server, { signals: [], drainDelayMs: 1_000, gracePeriodMs: 10_000 });
    server.listen(targetPort, ip);
    await once(server, "listening");
    this.#pods.set(name, { ip, node, server, sessions, drain });
    await this.#namespace.createPod(name, this.#service, ip, true, {}, node);
    return name;
  }

  /** As a kubelet does it: the pod is to terminate, gets its signal, and is gone when it has ended. */
  async end(name: string): Promise<void> {
    await this.#namespace.deletePod(name, 30);
    await this.#pods.get(name)?.drain.start();
    this.#pods.delete(name);
    await this.#namespace.deletePod(name, 0);
  }

  /** As when its machine loses power, but that connections are reset. Kubernetes does not know so far. */
  lose(name: string): void {
    const pod = this.#pods.get(name);
    this.#pods.delete(name);
    pod?.server.close();
    for (const session of pod?.sessions ?? []) session.destroy();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const name of this.names) this.lose(name);
  }
}

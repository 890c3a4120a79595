import { once } from "node:events";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { EchoServer } from "../echo-server.ts";

/** Says what an apiserver would of one Service, `echo` in `shop`, and of its pods: as much of a watch as an example takes. */
export class StandInApiserver {
  readonly kubeconfig: string;
  readonly #server: Server;
  readonly #slices = new Map<string, object>();
  readonly #watches = new Set<ServerResponse>();
  #version = 1;

  private constructor(server: Server) {
    this.#server = server;
    server.on("request", (request, response) => this.#answer(request, response));
    const folder = mkdtempSync(join(tmpdir(), "kubeconfig-"));
    process.once("exit", () => rmSync(folder, { recursive: true }));
    this.kubeconfig = join(folder, "config");
    const cluster = { server: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, "insecure-skip-tls-verify": true };
    const context = { cluster: "here", user: "me" };
    const config = { clusters: [{ name: "here", cluster }], users: [{ name: "me", user: {} }], contexts: [{ name: "here", context }] };
    writeFileSync(this.kubeconfig, JSON.stringify({ ...config, "current-context": "here" }));
  }

  static async start(): Promise<StandInApiserver> {
    const server = createServer().listen(0, "127.0.0.1");
    await once(server, "listening");
    return new StandInApiserver(server);
  }

  /** What controllers of Kubernetes write as the pod's readiness changes. Here each pod has a port of its own, and hence a slice. */
  setReady({ name, port }: EchoServer, isReady: boolean): void {
    const type = this.#slices.has(name) ? "MODIFIED" : "ADDED";
    const metadata = {
      uid: name,
      name,
      namespace: "shop",
      resourceVersion: `${++this.#version}`,
      labels: { "kubernetes.io/service-name": "echo" },
    };
    const conditions = { ready: isReady, serving: isReady, terminating: false };
    const endpoint = { addresses: ["127.0.0.1"], conditions, targetRef: { kind: "Pod", namespace: "shop", uid: name } };
    const slice = { metadata, addressType: "IPv4", ports: [{ name: "grpc", port }], endpoints: [endpoint] };
    this.#slices.set(name, slice);
    for (const watch of this.#watches) say(watch, type, slice);
  }

  async close(): Promise<void> {
    this.#server.closeAllConnections();
    this.#server.close();
    await once(this.#server, "close");
  }

  #answer({ url }: IncomingMessage, response: ServerResponse): void {
    const isOfSlices = url?.includes("endpointslices") ?? false;
    const service = {
      metadata: { uid: "echo", name: "echo", namespace: "shop", resourceVersion: "1" },
      spec: { ports: [{ name: "grpc", port: 80 }] },
    };
    for (const object of isOfSlices ? this.#slices.values() : [service]) say(response, "ADDED", object);
    const annotations = { "k8s.io/initial-events-end": "true" };
    say(response, "BOOKMARK", { metadata: { resourceVersion: `${this.#version}`, annotations } });
    if (isOfSlices) this.#watches.add(response);
  }
}

function say(watch: ServerResponse, type: string, object: object): void {
  watch.write(`${JSON.stringify({ type, object })}\n`);
}

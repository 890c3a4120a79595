import { once } from "node:events";
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import { type AddressInfo, isIP } from "node:net";
import type { ConnectRouter } from "@connectrpc/connect";
import { connectNodeAdapter } from "@connectrpc/connect-node";
import { createPageHandler } from "meshless/debug";
import { guarded } from "meshless/server-hooks";

export interface AdminSources {
  readonly isReady: () => boolean;
  readonly metrics: (request: IncomingMessage, response: ServerResponse) => void;
  /** Who the clients are. Default: that is not told. */
  readonly clients?: ClientSources;
}

interface ClientSources {
  /** Of services by the Connect protocol. */
  readonly routes: (router: ConnectRouter) => void;
  /** What the page shows. */
  readonly snapshot: (query: URLSearchParams) => object | undefined;
}

type Handler = (request: IncomingMessage, response: ServerResponse) => void;

/** The page as it is built; the same path from `src` and from `dist`. */
const pageFile = new URL("../../dist/admin/page.html", import.meta.url);
const limits = { requestTimeout: 10_000 };
const csds = "POST /envoy.service.status.v3.ClientStatusDiscoveryService/FetchClientStatus";

/** For operators, over HTTP/1.1: `/livez`, `/readyz`, `/metrics`, a page, and services by the Connect protocol. It changes nothing. */
export class AdminServer {
  readonly #server: Server;

  constructor({ isReady, metrics, clients }: AdminSources) {
    const others = clients === undefined ? nothingElse : tellingOf(clients);
    this.#server = createServer(limits, (request, response) => {
      const path = ["GET", "HEAD"].includes(request.method ?? "") ? request.url?.split("?", 1)[0] : undefined;
      // Probes and Prometheus come by whatever name, and are told nothing that has to be kept from anybody.
      if (path === "/livez") return say(response, 200, "ok");
      if (path === "/readyz")
        return isReady() ? say(response, 200, "ok") : say(response, 503, "the registry is not complete, or this process is about to end");
      if (path === "/metrics") return metrics(request, response);
      others(request, response);
    });
  }

  /** @returns the port */
  async listen({ host, port }: { readonly host: string | undefined; readonly port: number }): Promise<number> {
    this.#server.listen(port, host);
    await once(this.#server, "listening");
    return (this.#server.address() as AddressInfo).port;
  }

  close(): void {
    this.#server.close();
    this.#server.closeAllConnections();
  }
}

function nothingElse(_: IncomingMessage, response: ServerResponse): void {
  say(response, 404, "there are GET /livez, /readyz and /metrics");
}

/** Says who the clients are to whoever comes by address: a website that has a name of its own lead here must not read it. */
function tellingOf({ routes, snapshot }: ClientSources): Handler {
  const services = guarded(connectNodeAdapter({ routes, readMaxBytes: 65_536 }));
  const page = createPageHandler({ file: pageFile, snapshot, isOwnName });
  return (request, response) => {
    const [path = ""] = (request.url ?? "").split("?", 1);
    if (path === "/" || path === "/snapshot.json") return page(request, response);
    if (request.method === "GET") return say(response, 404, `there are GET /, /snapshot.json, /livez, /readyz and /metrics, and ${csds}`);
    if (!isOwnName(nameOf(request))) return say(response, 403, "ask by IP address or localhost");
    services(request, response);
  };
}

function isOwnName(name: string): boolean {
  return name === "localhost" || isIP(name) !== 0;
}

function nameOf({ headers: { host = "" } }: IncomingMessage): string {
  return host.replace(/:\d+$/, "").replace(/^\[(.*)\]$/, "$1");
}

function say(response: ServerResponse, status: number, text: string): void {
  response.writeHead(status, { "content-type": "text/plain; charset=utf-8", "x-content-type-options": "nosniff" });
  response.end(`${text}\n`);
}

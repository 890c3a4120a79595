import { once } from "node:events";
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import { type AddressInfo, isIP } from "node:net";
import type { ConnectRouter } from "@connectrpc/connect";
import { connectNodeAdapter } from "@connectrpc/connect-node";
import { guarded } from "meshless/server-hooks";

export interface AdminSources {
  readonly isReady: () => boolean;
  readonly metrics: (request: IncomingMessage, response: ServerResponse) => void;
  /** Who the clients are. Default: that is not told. */
  readonly routes?: (router: ConnectRouter) => void;
}

/** For operators, over HTTP/1.1: `/livez`, `/readyz`, `/metrics`, and services by the Connect protocol. It changes nothing. */
export class AdminServer {
  readonly #server: Server;

  constructor({ isReady, metrics, routes }: AdminSources) {
    const services = routes && guarded(connectNodeAdapter({ routes, readMaxBytes: 65_536 }));
    const more = services === undefined ? "" : ", and POST /envoy.service.status.v3.ClientStatusDiscoveryService/FetchClientStatus";
    this.#server = createServer({ requestTimeout: 10_000 }, (request, response) => {
      if (request.method !== "GET" && services !== undefined)
        return isLocalName(request) ? services(request, response) : say(response, 403, "ask by IP address or localhost");
      const [path] = request.method === "GET" ? (request.url ?? "").split("?") : [];
      if (path === "/livez") return say(response, 200, "ok");
      if (path === "/readyz")
        return isReady() ? say(response, 200, "ok") : say(response, 503, "the registry is not complete, or this process is about to end");
      if (path === "/metrics") return metrics(request, response);
      say(response, 404, `there are GET /livez, /readyz and /metrics${more}`);
    });
  }

  /** @returns the port */
  async listen({ host, port }: { readonly host: string; readonly port: number }): Promise<number> {
    this.#server.listen(port, host);
    await once(this.#server, "listening");
    return (this.#server.address() as AddressInfo).port;
  }

  close(): void {
    this.#server.close();
    this.#server.closeAllConnections();
  }
}

/** A page of somebody's that has a name of its own lead here must not read who the clients are. */
function isLocalName({ headers: { host = "" } }: IncomingMessage): boolean {
  const name = host.replace(/:\d+$/, "").replace(/^\[(.*)\]$/, "$1");
  return name === "localhost" || isIP(name) !== 0;
}

function say(response: ServerResponse, status: number, text: string): void {
  response.writeHead(status, { "content-type": "text/plain; charset=utf-8", "x-content-type-options": "nosniff" });
  response.end(`${text}\n`);
}

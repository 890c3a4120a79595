import { once } from "node:events";
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { ConfigurationError } from "../configuration-error.ts";
import { toError } from "../to-error.ts";
import type { PacedSnapshots } from "./paced-snapshots.ts";
import type { PageFile } from "./page-file.ts";
import { refusalOf } from "./refusal.ts";

/** For browsers: nobody else's page may have it, show it, or keep it. */
const headers: Readonly<Record<string, string>> = {
  "cache-control": "no-store",
  "cross-origin-opener-policy": "same-origin",
  "cross-origin-resource-policy": "same-origin",
  "referrer-policy": "no-referrer",
  "x-content-type-options": "nosniff",
  "x-frame-options": "DENY",
};

const textPolicy = "default-src 'none'; frame-ancestors 'none'";

/** The page and its data over HTTP/1.1. Neither listening nor a connection keeps the process alive. */
export class DebugServer {
  readonly #server: Server;
  readonly #page: PageFile;
  readonly #snapshots: PacedSnapshots;
  #closing: Promise<void> | undefined;

  constructor(page: PageFile, snapshots: PacedSnapshots) {
    this.#page = page;
    this.#snapshots = snapshots;
    const limits = { requestTimeout: 5_000, headersTimeout: 5_000, keepAliveTimeout: 5_000, maxHeaderSize: 16_384 };
    this.#server = createServer(limits, (request, response) => this.#answer(request, response));
    this.#server.maxConnections = 50;
    this.#server.on("connection", (socket) => socket.unref());
    this.#server.unref();
  }

  /**
   * @returns the port
   * @throws ConfigurationError where it can't listen there
   */
  async listen(host: string, port: number): Promise<number> {
    this.#server.listen(port, host);
    try {
      await once(this.#server, "listening");
    } catch (error) {
      throw new ConfigurationError(adviceFor(error as NodeJS.ErrnoException, host, port));
    }
    return (this.#server.address() as AddressInfo).port;
  }

  close(): Promise<void> {
    this.#closing ??= this.#close();
    return this.#closing;
  }

  async #close(): Promise<void> {
    const closed = once(this.#server, "close");
    this.#server.close();
    this.#server.closeAllConnections();
    await closed;
  }

  #answer(request: IncomingMessage, response: ServerResponse): void {
    const refusal = refusalOf(request);
    if (refusal !== undefined) return sayText(response, refusal.status, refusal.text);
    try {
      this.#answerOwn(request.url ?? "/", response);
    } catch (error) {
      sayText(response, 500, `no snapshot can be had: ${toError(error).message}`);
    }
  }

  #answerOwn(url: string, response: ServerResponse): void {
    const [path, query] = url.split("?", 2);
    if (path === "/") return send(response, 200, "text/html; charset=utf-8", this.#page.policy, this.#page.html);
    const place = Number(new URLSearchParams(query).get("transport") ?? 0);
    if (path !== "/snapshot.json" || !this.#snapshots.has(place)) {
      return sayText(response, 404, "there are / and /snapshot.json?transport=0, by the place of the transport");
    }
    send(response, 200, "application/json", textPolicy, this.#snapshots.text(place));
  }
}

function sayText(response: ServerResponse, status: number, text: string): void {
  send(response, status, "text/plain; charset=utf-8", textPolicy, `${text}\n`);
}

function send(response: ServerResponse, status: number, type: string, policy: string, body: string): void {
  response.writeHead(status, { ...headers, "content-type": type, "content-security-policy": policy });
  response.end(body);
}

function adviceFor({ code, message }: NodeJS.ErrnoException, host: string, port: number): string {
  if (code === "EADDRINUSE") return `serveDebugPage.port: ${port} is taken on ${host}; choose another one, or 0 for any that is free`;
  if (code === "EACCES") return `serveDebugPage.port: ${port} is not for everyone; choose one from 1024 on`;
  return `serveDebugPage: can't listen on ${host}:${port}: ${message}`;
}

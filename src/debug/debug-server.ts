import { once } from "node:events";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { ConfigurationError } from "../configuration-error.ts";
import type { PageHandler } from "./page-handler.ts";

/** The page and its data over HTTP/1.1. Neither listening nor a connection keeps the process alive. */
export class DebugServer {
  readonly #server: Server;
  #closing: Promise<void> | undefined;

  constructor(handler: PageHandler) {
    const limits = { requestTimeout: 5_000, headersTimeout: 5_000, keepAliveTimeout: 5_000, maxHeaderSize: 16_384 };
    this.#server = createServer(limits, handler);
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
}

function adviceFor({ code, message }: NodeJS.ErrnoException, host: string, port: number): string {
  if (code === "EADDRINUSE") return `serveDebugPage.port: ${port} is taken on ${host}; choose another one, or 0 for any that is free`;
  if (code === "EACCES") return `serveDebugPage.port: ${port} is not for everyone; choose one from 1024 on`;
  return `serveDebugPage: can't listen on ${host}:${port}: ${message}`;
}

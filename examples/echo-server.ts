import { once } from "node:events";
import { createServer, type ServerHttp2Session } from "node:http2";
import type { AddressInfo } from "node:net";
import type { ConnectRouter } from "@connectrpc/connect";
import { connectNodeAdapter } from "@connectrpc/connect-node";
import { guarded, healthReporting } from "meshless/server-hooks";
import { EchoService } from "../test/gen/meshless/testing/v1/echo_pb.ts";

export interface EchoServer {
  readonly name: string;
  /** Host and port, such as `127.0.0.1:50051`. */
  readonly address: string;
  readonly port: number;
  close(): Promise<void>;
}

/**
 * A real Connect and gRPC server on this machine, which says its name in every answer.
 *
 * @param listenOn a port; 0 for a free one
 */
export async function startEchoServer(name: string, listenOn = 0): Promise<EchoServer> {
  const routes = (router: ConnectRouter) => router.service(EchoService, { echo: ({ text }) => ({ text, server: { name } }) });
  const server = createServer(guarded(connectNodeAdapter({ routes, interceptors: [healthReporting()] })));
  const sessions = new Set<ServerHttp2Session>();
  server.on("session", (session) => sessions.add(session));
  server.listen(listenOn, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as AddressInfo;

  async function close(): Promise<void> {
    for (const session of sessions) session.destroy();
    server.close();
    await once(server, "close");
  }
  return { name, address: `127.0.0.1:${port}`, port, close };
}

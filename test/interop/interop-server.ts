import * as http2 from "node:http2";
import type { Server as NetServer, Socket } from "node:net";
import { type ConnectNodeAdapterOptions, connectNodeAdapter } from "@connectrpc/connect-node";
import { Server, ServerCredentials } from "@grpc/grpc-js";
import { guarded } from "../../src/server-hooks/index.ts";
import { TestService } from "../gen/grpc/testing/test_pb.ts";
import { closeServer, listenOnLoopback } from "../support/listen.ts";
import { use } from "../support/use.ts";
import type { CallLog } from "./call-log.ts";
import { grpcDefinition } from "./grpc-definition.ts";
import { grpcHandlers } from "./grpc-handlers.ts";
import { interopService } from "./interop-service.ts";

export interface InteropServer {
  /** `127.0.0.1:port` */
  readonly address: string;
  readonly port: number;
}

/** Starts a server that runs until the test ends. */
export type StartInteropServer = (name: string, log: CallLog) => Promise<InteropServer>;

export const startGrpcJsServer: StartInteropServer = async (name, log) => {
  const server = new Server();
  server.addService(grpcDefinition(TestService), grpcHandlers(TestService, interopService(name, log)));
  const port = await new Promise<number>((resolve, reject) => {
    server.bindAsync("127.0.0.1:0", ServerCredentials.createInsecure(), (error, port) => (error ? reject(error) : resolve(port)));
  });
  use({ [Symbol.asyncDispose]: async () => server.forceShutdown() });
  return { address: `127.0.0.1:${port}`, port };
};

/** @param hooks our server hooks, if any */
export function connectNodeServer(hooks: Pick<ConnectNodeAdapterOptions, "interceptors" | "requestGate"> = {}): StartInteropServer {
  return async (name, log) => {
    const routes: ConnectNodeAdapterOptions["routes"] = (router) => router.service(TestService, interopService(name, log));
    // Node.js allows a session 10 MB of buffers by default, and resets what goes beyond; @grpc/grpc-js lifts the limit as well.
    const server = http2.createServer({ maxSessionMemory: 10_000 }, guarded(connectNodeAdapter({ ...hooks, routes })));
    const sockets = new Set<Socket>();
    server.on("connection", (socket: Socket) => sockets.add(socket));
    const port = await listenOnLoopback(server as NetServer);
    use({
      [Symbol.asyncDispose]: async () => {
        for (const socket of sockets) socket.destroy();
        await closeServer(server as NetServer);
      },
    });
    return { address: `127.0.0.1:${port}`, port };
  };
}

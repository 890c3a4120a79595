// Run by peer-process.ts.
import { createServer } from "node:http2";
import type { AddressInfo } from "node:net";
import { connectNodeAdapter } from "@connectrpc/connect-node";
import { EchoService } from "../gen/meshless/testing/v1/echo_pb.ts";
import { echoService } from "../support/echo-service.ts";

export interface PeerOrder {
  readonly host: string;
  /** 0: any. */
  readonly port: number;
  /** Calls wait for ever. */
  readonly holds: boolean;
}

/** What the process tells after each change. */
export interface PeerNews {
  readonly port: number;
  readonly calls: number;
  readonly acceptedConnections: number;
  readonly openConnections: number;
}

/** So wide that nothing but TCP holds a sender back. */
const windowBytes = 2 ** 30;

const { host, port, holds }: PeerOrder = JSON.parse(process.argv[2] ?? "");
const news = { port: 0, calls: 0, acceptedConnections: 0, openConnections: 0 };
const tell = (change: Partial<PeerNews>) => process.send?.(Object.assign(news, change));

const handler = connectNodeAdapter({
  routes: (router) => router.service(EchoService, echoService("peer")),
  interceptors: [
    (next) => async (request) => {
      tell({ calls: news.calls + 1 });
      return holds ? new Promise(() => {}) : next(request);
    },
  ],
});
const server = createServer({ settings: { initialWindowSize: windowBytes } }, handler);
server.on("connection", (socket) => {
  tell({ acceptedConnections: news.acceptedConnections + 1, openConnections: news.openConnections + 1 });
  socket.once("close", () => tell({ openConnections: news.openConnections - 1 }));
});
server.on("session", (session) => session.setLocalWindowSize(windowBytes));
// connect-node logs every handler whose client went away; here that is what it is about.
console.error = () => {};
process.once("disconnect", () => process.exit());
server.listen(port, host, () => tell({ port: (server.address() as AddressInfo).port }));

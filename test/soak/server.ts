import { createServer, type Http2Server, type ServerHttp2Session, type ServerHttp2Stream } from "node:http2";
import type { AddressInfo } from "node:net";
import { connectNodeAdapter } from "@connectrpc/connect-node";
import { onParentMessage, readOrder, tellParent } from "../../demo/parent.ts";
import { guarded, healthReporting } from "../../src/server-hooks/index.ts";
import { EchoService } from "../gen/meshless/testing/v1/echo_pb.ts";
import { echoService } from "../support/echo-service.ts";

export interface ServerOrder {
  readonly name: string;
}

/** What a server says once: it listens. */
export interface Listening {
  readonly port: number;
}

/**
 * What a server is told to do to its clients: leave politely (`goaway`), cut a connection (`cut`), or end a stream by a reset
 * (`reset`, `refuse`).
 */
export type Fault = "goaway" | "cut" | "reset" | "refuse";

const REFUSED_STREAM = 7;
const INTERNAL_ERROR = 2;

const { name } = readOrder<ServerOrder>();
const sessions = new Set<ServerHttp2Session>();
const streams = new Set<ServerHttp2Stream>();

const routes: Parameters<typeof connectNodeAdapter>[0]["routes"] = (router) => router.service(EchoService, echoService(name));
const server = createServer(guarded(connectNodeAdapter({ routes, interceptors: [healthReporting()] })));
remember(server);
// connect-node logs every handler whose client went away; here that is what the run is about.
console.error = () => {};
onParentMessage<Fault>((fault) => faults[fault]());
server.listen(0, "127.0.0.1", () => tellParent<Listening>({ port: (server.address() as AddressInfo).port }));

const faults: Record<Fault, () => void> = {
  goaway: () => first(sessions)?.close(),
  cut: () => first(sessions)?.destroy(),
  reset: () => first(streams)?.close(INTERNAL_ERROR),
  refuse: () => [...streams].find((stream) => !stream.headersSent)?.close(REFUSED_STREAM),
};

function remember(server: Http2Server): void {
  server.on("session", (session) => {
    sessions.add(session);
    session.on("error", () => {});
    session.on("close", () => sessions.delete(session));
  });
  server.on("stream", (stream: ServerHttp2Stream) => {
    streams.add(stream);
    stream.on("error", () => {});
    stream.on("close", () => streams.delete(stream));
  });
}

/** The oldest: sets keep the order of arrival. */
function first<T>(set: ReadonlySet<T>): T | undefined {
  return set.values().next().value;
}

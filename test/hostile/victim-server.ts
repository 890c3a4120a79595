import * as http2 from "node:http2";
import { connectNodeAdapter } from "@connectrpc/connect-node";
import { boundedHttp2Options, guarded, protect } from "../../src/server-hooks/index.ts";
import { type ManualClock, manualClock } from "../../src/testing/index.ts";
import { EchoService } from "../gen/meshless/testing/v1/echo_pb.ts";
import { echoService } from "../support/echo-service.ts";
import { closeServer, listenOnLoopback } from "../support/listen.ts";
import { use } from "../support/use.ts";

/** A server with all of the hooks that protect it, until the end of the test, and what it says of its clients. */
export interface VictimServer {
  readonly port: number;
  /** Stands still unless it is moved, so that the bursts of flood meters are exact. */
  readonly clock: ManualClock;
  /** Those that are open now. */
  readonly sessions: ReadonlySet<http2.ServerHttp2Session>;
  /** Messages of its `sessionError` events. */
  readonly complaints: readonly string[];
}

export async function startVictimServer(stallTimeoutMs?: number): Promise<VictimServer> {
  const handler = connectNodeAdapter({ routes: (router) => router.service(EchoService, echoService("victim")) });
  const server = http2.createServer(boundedHttp2Options(), guarded(handler));
  const clock = manualClock();
  protect(server, { clock, ...(stallTimeoutMs !== undefined && { stallTimeoutMs }) });
  const sessions = new Set<http2.ServerHttp2Session>();
  const complaints: string[] = [];
  server.on("session", (session) => {
    sessions.add(session);
    session.once("close", () => sessions.delete(session));
  });
  server.on("sessionError", (error) => complaints.push(error.message));
  const port = await listenOnLoopback(server);
  use({ [Symbol.asyncDispose]: () => closeServer(server) });
  return { port, clock, sessions, complaints };
}

import * as http2 from "node:http2";
import type { Interceptor } from "@connectrpc/connect";
import { connectNodeAdapter } from "@connectrpc/connect-node";
import { mayBounceHeader } from "../../src/bounce.ts";
import { createHealthReporter, type HealthReporter, type HealthReporterOptions } from "../../src/server-hooks/index.ts";
import { EchoService } from "../gen/meshless/testing/v1/echo_pb.ts";
import { echoService } from "../support/echo-service.ts";
import { closeServer, listenOnLoopback } from "../support/listen.ts";
import { Changes } from "../support/until.ts";

/** An echo server with pushback, and a record of what it bounced and what it took. */
export interface PushbackServer extends AsyncDisposable {
  readonly port: number;
  /** `127.0.0.1:port` */
  readonly address: string;
  readonly health: HealthReporter;
  /** What each request permitted, in order of arrival; undefined: no bounce. */
  readonly permits: readonly (string | undefined)[];
  /** Calls that went on to the service. */
  readonly taken: number;
  /** Streams that ended otherwise than well: the codes of their resets. */
  readonly resets: readonly number[];
  readonly openStreams: number;
  /** Resolves once the condition holds; looked at whenever a stream begins, is taken or ends. */
  until(condition: () => boolean): Promise<void>;
}

export interface PushbackServerOptions extends HealthReporterOptions {
  readonly name: string;
  /** Innermost. */
  readonly interceptor?: Interceptor;
}

/** Starts it on loopback. Unless told otherwise, it bounces whatever it may. */
export async function startPushbackServer({ name, interceptor, ...options }: PushbackServerOptions): Promise<PushbackServer> {
  const changes = new Changes();
  const health = createHealthReporter({ pushback: { limit: () => true, maxShare: 1 }, ...options });
  const seen = { permits: [] as (string | undefined)[], taken: 0, resets: [] as number[], openStreams: 0 };
  const counting: Interceptor = (next) => (request) => {
    seen.taken++;
    changes.announce();
    return next(request);
  };
  const handler = connectNodeAdapter({
    routes: (router) => router.service(EchoService, echoService(name)),
    requestGate: health.requestGate,
    interceptors: [health.interceptor, counting, ...(interceptor === undefined ? [] : [interceptor])],
  });
  const server = http2.createServer((request, response) => {
    seen.permits.push(request.headers[mayBounceHeader] as string | undefined);
    seen.openStreams++;
    request.stream.once("close", () => {
      seen.openStreams--;
      const { rstCode } = request.stream;
      if (rstCode !== undefined && rstCode !== http2.constants.NGHTTP2_NO_ERROR) seen.resets.push(rstCode);
      changes.announce();
    });
    changes.announce();
    handler(request, response);
  });
  const port = await listenOnLoopback(server);
  return Object.assign(seen, {
    port,
    address: `127.0.0.1:${port}`,
    health,
    until: (condition: () => boolean) => changes.until(condition),
    [Symbol.asyncDispose]: () => closeServer(server),
  });
}

/** For servers that take whatever comes. */
export const calm: HealthReporterOptions = { pushback: false };

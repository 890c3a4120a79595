import { createServer, type Http2ServerRequest, type Http2ServerResponse } from "node:http2";
import type { AddressInfo } from "node:net";
import { setTimeout as delay } from "node:timers/promises";
import { Code, ConnectError, type ConnectRouter, type Interceptor } from "@connectrpc/connect";
import { connectNodeAdapter } from "@connectrpc/connect-node";
import { guarded, healthReporting } from "meshless/server-hooks";
import { onParentMessage, readOrder, tellParent } from "../../demo/parent.ts";
import { WorkSlots } from "../../demo/work-slots.ts";
import { EchoService } from "../../test/gen/meshless/testing/v1/echo_pb.ts";
import type { Work, WrongAnswer } from "./cell.ts";
import { type ProcessLoad, ProcessMeter } from "./process-meter.ts";

export interface ServerOrder {
  readonly work: Work;
  readonly reports: boolean;
  /** Default: it does its work. */
  readonly wrong?: WrongAnswer;
}

/** What a server says once: it listens. */
export interface Listening {
  readonly port: number;
}

/** What a server is told: that the calls begin, or that they are over. */
export type ServerCommand = "begin" | "end";

/** What it answers at the end. */
export interface ServerReport {
  /** Requests that reached it, whatever became of them. */
  readonly served: number;
  readonly load: ProcessLoad;
}

type Handler = (request: Http2ServerRequest, response: Http2ServerResponse) => void;

const order = readOrder<ServerOrder>();
const core = new WorkSlots(1);
let served = 0;
let meter = new ProcessMeter();

const works: Record<Work["kind"], (ms: number) => Promise<void>> = {
  timer: async (ms) => {
    if (ms > 0) await delay(ms);
  },
  cpu: async (ms) => {
    const endMs = performance.now() + ms;
    while (performance.now() < endMs);
  },
  slot: (ms) => core.run(() => delay(ms)),
};

const routes = (router: ConnectRouter) =>
  router.service(EchoService, {
    async echo({ text }) {
      await works[order.work.kind](order.work.ms);
      return { text };
    },
  });

/** As authorisation that has gone stale does: the handler never hears of the call. */
function refusing(code: Code): Interceptor {
  return () => () => Promise.reject(new ConnectError("refused", code));
}

/** As a proxy in front of the server does. */
function htmlPage(status: number): Handler {
  return (request, response) => {
    request.resume();
    response.writeHead(status, { "content-type": "text/html" });
    response.end(`<html><body><h1>${status}</h1></body></html>`);
  };
}

function codeNamed(name: string): Code {
  const camel = name.replace(/(^|_)([a-z])/g, (_, __, letter: string) => letter.toUpperCase());
  return Code[camel as keyof typeof Code];
}

function handlerOf({ wrong, reports }: ServerOrder): Handler {
  const status = Number(wrong);
  if (status > 0) return htmlPage(status);
  const interceptors = [...(reports ? [healthReporting()] : []), ...(wrong === undefined ? [] : [refusing(codeNamed(wrong))])];
  const handler: Handler = connectNodeAdapter({ routes, interceptors });
  return reports ? guarded(handler) : handler;
}

const handler = handlerOf(order);
const server = createServer((request, response) => {
  served += 1;
  handler(request, response);
});

onParentMessage<ServerCommand>((command) => {
  if (command === "begin") meter = new ProcessMeter();
  else tellParent<ServerReport>({ served, load: meter.read() });
});
server.listen(0, "127.0.0.1", () => tellParent<Listening>({ port: (server.address() as AddressInfo).port }));

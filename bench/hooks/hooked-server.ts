import { once } from "node:events";
import { createServer } from "node:http2";
import type { AddressInfo } from "node:net";
import type { Interceptor } from "@connectrpc/connect";
import { type ConnectNodeAdapterOptions, connectNodeAdapter } from "@connectrpc/connect-node";
import { createHealthReporter, guarded, healthReporting } from "meshless/server-hooks";
import { onParentMessage, readOrder, tellParent } from "../../demo/parent.ts";
import { EchoService } from "../../test/gen/meshless/testing/v1/echo_pb.ts";

export interface ServerOrder {
  readonly hooks: Hooks;
}

export interface ServerListening {
  readonly port: number;
}

/** All CPU that this process has taken, user and system. */
export interface ServerCpu {
  readonly cpuUs: number;
}

const options: ConnectNodeAdapterOptions = {
  routes: ({ service }) => void service(EchoService, { echo: ({ text }) => ({ text }) }),
};

const passThrough: Interceptor = (next) => (request) => next(request);

/** As long as a report is. */
const text = "x".repeat(115);
const setsHeader: Interceptor = (next) => async (request) => {
  const response = await next(request);
  response.header.set("endpoint-load-metrics-bin", text);
  return response;
};

/** The same server with one hook, with none, with all that a reporter's handler has, and with interceptors that do as little as they can. */
const handlers = {
  none: () => connectNodeAdapter(options),
  "guarded()": () => guarded(connectNodeAdapter(options)),
  "an empty interceptor": () => connectNodeAdapter({ ...options, interceptors: [passThrough] }),
  "an interceptor with a header": () => connectNodeAdapter({ ...options, interceptors: [setsHeader] }),
  "healthReporting()": () => connectNodeAdapter({ ...options, interceptors: [healthReporting()] }),
  "handler()": () => createHealthReporter().handler(options),
};

export type Hooks = keyof typeof handlers;

const server = createServer(handlers[readOrder<ServerOrder>().hooks]()).listen(0, "127.0.0.1");
await once(server, "listening");
onParentMessage(() => {
  const { user, system } = process.cpuUsage();
  tellParent<ServerCpu>({ cpuUs: user + system });
});
tellParent<ServerListening>({ port: (server.address() as AddressInfo).port });

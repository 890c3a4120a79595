import http from "node:http";
import http2 from "node:http2";
import type { AddressInfo } from "node:net";
import type { Interceptor } from "@connectrpc/connect";
import { boundedHttp2Options, createHealthReporter, protect } from "../../src/server-hooks/index.ts";
import { EchoService } from "../gen/meshless/testing/v1/echo_pb.ts";
import { echoService } from "../support/echo-service.ts";
import type { ChildServerOptions, ServerLine } from "./child-server.ts";

// A server as users write it, in a process of its own, which says where it listens, and at its end how many calls it has handled.

const { name, port = 0, httpVersion = "2", ...drainOptions }: ChildServerOptions = JSON.parse(process.argv[2] ?? "");
const say = (line: ServerLine) => process.stdout.write(`${JSON.stringify(line)}\n`);

let handled = 0;
const counting: Interceptor = (next) => async (request) => {
  if (request.service.typeName !== EchoService.typeName) return next(request);
  handled++;
  // Not even a timer, which would hold the process.
  if (request.header.get("x-stuck") !== null) await new Promise(() => {});
  return next(request);
};

const health = createHealthReporter();
const handler = health.handler({ routes: (router) => router.service(EchoService, echoService(name)), interceptors: [counting] });
const server = httpVersion === "1.1" ? http.createServer(handler) : protect(http2.createServer(boundedHttp2Options(), handler));
health.drainOnSignal(server, drainOptions).done.then(() => say({ handled }));
server.listen(port, "127.0.0.1", () => say({ port: (server.address() as AddressInfo).port }));

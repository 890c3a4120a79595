// A few words on the server, and clients know how busy it is: from each answer, and without calls if they ask for it. And when it goes.
import assert from "node:assert/strict";
import { once } from "node:events";
import { createServer } from "node:http2";
import type { AddressInfo } from "node:net";
import { setTimeout as pause } from "node:timers/promises";
import { type ConnectRouter, createClient } from "@connectrpc/connect";
import { createBalancedTransport } from "meshless";
import { boundedHttp2Options, createHealthReporter, orcaService, protect } from "meshless/server-hooks";
import { EchoService } from "../../test/gen/meshless/testing/v1/echo_pb.ts";

const health = createHealthReporter();
const routes = (router: ConnectRouter) => {
  router.service(EchoService, { echo: ({ text }) => ({ text }) });
  // For clients that ask to be told beside their calls.
  orcaService(router, health.sampler);
};

// The handler puts a load report into every answer, and turns away what would bring down the process; boundedHttp2Options() and protect() bound what
// one client can cost. At SIGTERM the server goes without losing a call: in Kubernetes this is all there is to do.
const server = protect(createServer(boundedHttp2Options(), health.handler({ routes })));
const drain = health.drainOnSignal(server, { drainDelayMs: 200 });
server.listen(0, "127.0.0.1");
await once(server, "listening");

const { port } = server.address() as AddressInfo;
const target = `static:///127.0.0.1:${port}`;
const transport = createBalancedTransport(target);
const client = createClient(EchoService, transport);
await Promise.all(Array.from({ length: 10 }, () => client.echo({ text: "hello" })));

const [endpoint] = transport.inspect().endpoints;
console.log("what the client knows of the server:", endpoint?.report);
assert(endpoint?.report, "a report came with the answers");
assert(endpoint.report.requestsPerSecond > 0);

const quiet = createBalancedTransport(target, { reportIntervalMs: 500 });
while (quiet.inspect().endpoints[0]?.report === undefined) await pause(10);
console.log("what a client knows that made no call:", quiet.inspect().endpoints[0]?.report);

// What SIGTERM does: calls are served for another 200 ms (5 s by default), while the answers say that it is draining.
const drained = drain.start();
await client.echo({ text: "hello" });
assert.equal(transport.inspect().endpoints[0]?.report?.draining, true);
await drained;
console.log("the server is gone, and its client is still there:", transport.inspect().endpoints[0]?.connectivity);
await Promise.all([transport.close(), quiet.close()]);

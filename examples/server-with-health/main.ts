// A few lines on the server, and clients know how busy it is before they call, and when it goes.
import assert from "node:assert/strict";
import { once } from "node:events";
import { createServer } from "node:http2";
import type { AddressInfo } from "node:net";
import { type ConnectRouter, createClient } from "@connectrpc/connect";
import { createBalancedTransport } from "meshless";
import { boundedHttp2Options, createHealthReporter, protect } from "meshless/server-hooks";
import { EchoService } from "../../test/gen/meshless/testing/v1/echo_pb.ts";

const routes = (router: ConnectRouter) => router.service(EchoService, { echo: ({ text }) => ({ text }) });

// The handler puts a load report into every answer, and turns away what would bring down the process; boundedHttp2Options() and protect() bound what
// one client can cost. At SIGTERM the server goes without losing a call: in Kubernetes this is all there is to do.
const health = createHealthReporter();
const server = protect(createServer(boundedHttp2Options(), health.handler({ routes })));
const drain = health.drainOnSignal(server, { drainDelayMs: 200 });
server.listen(0, "127.0.0.1");
await once(server, "listening");

const { port } = server.address() as AddressInfo;
const transport = createBalancedTransport(`static:///127.0.0.1:${port}`);
const client = createClient(EchoService, transport);
await Promise.all(Array.from({ length: 10 }, () => client.echo({ text: "hello" })));

const [endpoint] = transport.inspect().endpoints;
console.log("what the client knows of the server:", endpoint?.report);
assert(endpoint?.report, "a report came with the answers");
assert(endpoint.report.requestsPerSecond > 0);

// What SIGTERM does: calls are served for another 200 ms (5 s by default), while the answers say that it is draining.
const drained = drain.start();
await client.echo({ text: "hello" });
assert.equal(transport.inspect().endpoints[0]?.report?.draining, true);
await drained;
console.log("the server is gone, and its client is still there:", transport.inspect().endpoints[0]?.connectivity);
await transport.close();

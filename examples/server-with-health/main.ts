// One line on the server, and clients know how busy it is before they call.
import assert from "node:assert/strict";
import { once } from "node:events";
import { createServer } from "node:http2";
import type { AddressInfo } from "node:net";
import { type ConnectRouter, createClient } from "@connectrpc/connect";
import { connectNodeAdapter } from "@connectrpc/connect-node";
import { createBalancedTransport } from "meshless";
import { boundedHttp2Options, guarded, healthReporting, protect } from "meshless/server-hooks";
import { EchoService } from "../../test/gen/meshless/testing/v1/echo_pb.ts";

const routes = (router: ConnectRouter) => router.service(EchoService, { echo: ({ text }) => ({ text }) });

// healthReporting() puts a load report into every answer. guarded() turns away what would bring down the process, boundedHttp2Options() and
// protect() bound what one client can cost.
const handler = guarded(connectNodeAdapter({ routes, interceptors: [healthReporting()] }));
const server = protect(createServer(boundedHttp2Options(), handler));
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

await transport.close();
// Its only client is gone. With clients that stay, close() alone would wait for them, on Node 22 for ever.
server.close();

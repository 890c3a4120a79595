// A client that exists already: the same factory and the same options, wrapped once. Nothing else changes.
import assert from "node:assert/strict";
import { createClient, type Interceptor } from "@connectrpc/connect";
import { createGrpcTransport } from "@connectrpc/connect-node";
import { balanced } from "meshless";
import { staticSource } from "meshless/discovery";
import { EchoService } from "../../test/gen/meshless/testing/v1/echo_pb.ts";
import { countAnswers } from "../count-answers.ts";
import { startEchoServer } from "../echo-server.ts";

const [anna, ben] = await Promise.all([startEchoServer("anna"), startEchoServer("ben")]);

let signed = 0;
const auth: Interceptor = (next) => (request) => {
  request.header.set("authorization", "Bearer of-good-news");
  signed++;
  return next(request);
};
const options = { baseUrl: "http://checkout.shop:8080", interceptors: [auth] };

// Before: createGrpcTransport(options). The host is looked up in DNS; here, for want of a cluster, a source stands in.
const transport = balanced(createGrpcTransport, options, { target: staticSource([anna.address, ben.address]) });
const shares = await countAnswers(createClient(EchoService, transport), 200);

console.log("200 gRPC calls over two servers:", shares, `and the old interceptor signed ${signed}`);
assert.deepEqual(Object.keys(shares).sort(), ["anna", "ben"]);
assert.equal(signed, 200);

await transport.close();
await Promise.all([anna.close(), ben.close()]);

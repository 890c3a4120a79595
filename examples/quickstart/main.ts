// Three servers, one transport: every call goes to the server that suits it best, and a dead server costs no call.
import assert from "node:assert/strict";
import { createClient } from "@connectrpc/connect";
import { createBalancedTransport } from "meshless";
import { EchoService } from "../../test/gen/meshless/testing/v1/echo_pb.ts";
import { countAnswers } from "../count-answers.ts";
import { startEchoServer } from "../echo-server.ts";

const [anna, ben, carla] = await Promise.all([startEchoServer("anna"), startEchoServer("ben"), startEchoServer("carla")]);

// With Kubernetes or DNS this line reads createBalancedTransport("dns:///checkout.shop:8080").
const transport = createBalancedTransport(`static:///${anna.address},${ben.address},${carla.address}`);
const client = createClient(EchoService, transport);

const shares = await countAnswers(client, 300, 15);
console.log("300 calls over three servers:", shares);
assert.deepEqual(Object.keys(shares).sort(), ["anna", "ben", "carla"]);
for (const answers of Object.values(shares)) assert(answers > 10, "no server is left out");

await carla.close();
const sharesOfTwo = await countAnswers(client, 300, 15);
console.log("300 calls, all answered, after carla died:", sharesOfTwo);
assert.deepEqual(Object.keys(sharesOfTwo).sort(), ["anna", "ben"]);

await transport.close();
await Promise.all([anna.close(), ben.close()]);

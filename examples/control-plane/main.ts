// One file says who serves, and a control plane tells every client at once. When it is gone, calls go on.
import assert from "node:assert/strict";
import { createClient } from "@connectrpc/connect";
import { createBalancedTransport } from "meshless";
import { createControlPlane, fileRegistry } from "meshless-control-plane";
import { EchoService } from "../../test/gen/meshless/testing/v1/echo_pb.ts";
import { countAnswers } from "../count-answers.ts";
import { startEchoServer } from "../echo-server.ts";
import { ServicesFile } from "../services-file.ts";
import { untilReachable } from "../until-reachable.ts";

const service = "echo.shop:8080";
const [anna, ben, carla] = await Promise.all([startEchoServer("anna"), startEchoServer("ben"), startEchoServer("carla")]);
const file = new ServicesFile();
file.write(service, anna.address, ben.address);

// As a process of its own: npx meshless-control-plane --registry file:services.yaml --listen 127.0.0.1:18000 --allow-addresses 127.0.0.0/8
const controlPlane = createControlPlane({ registry: fileRegistry(file.path), allowAddresses: ["127.0.0.0/8"] });
const port = await controlPlane.listen("127.0.0.1:0");

// Instead of the option, MESHLESS_CONTROL_PLANE=127.0.0.1:18000 in the environment does.
const transport = createBalancedTransport(`xds:///${service}`, { discovery: { xds: { controlPlane: `127.0.0.1:${port}` } } });
const client = createClient(EchoService, transport);
const before = await countAnswers(client, 200);
console.log("the file has anna and ben:", before);
assert.deepEqual(Object.keys(before).sort(), ["anna", "ben"]);

const reachable = untilReachable(transport, [carla]);
const editedAtMs = performance.now();
file.write(service, `{ address: 127.0.0.1, port: ${anna.port}, health: draining }`, ben.address, carla.address);
await reachable;
console.log(`anna drains, and carla is there: the client had a session to her after ${Math.round(performance.now() - editedAtMs)} ms`);
const after = await countAnswers(client, 200);
console.log("from then on:", after);
assert.deepEqual(Object.keys(after).sort(), ["ben", "carla"]);

await controlPlane.close();
const alone = await countAnswers(client, 200);
console.log("all answered, without a control plane:", alone);
assert.deepEqual(Object.keys(alone).sort(), ["ben", "carla"]);

await transport.close();
await Promise.all([anna.close(), ben.close(), carla.close()]);

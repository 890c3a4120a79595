// Envoy at the edge, fed by the same control plane as the clients within. README.md tells how to start each part by hand.
import assert from "node:assert/strict";
import { createClient } from "@connectrpc/connect";
import { createConnectTransport } from "@connectrpc/connect-node";
import { createControlPlane, fileRegistry } from "meshless-control-plane";
import { EchoService } from "../../test/gen/meshless/testing/v1/echo_pb.ts";
import { countAnswers } from "../count-answers.ts";
import { startEchoServer } from "../echo-server.ts";
import { ServicesFile } from "../services-file.ts";
import { startEnvoy } from "./start-envoy.ts";

const service = "echo.shop:8080";
const [anna, ben, carla] = await Promise.all([startEchoServer("anna"), startEchoServer("ben"), startEchoServer("carla")]);
const file = new ServicesFile();
file.write(service, anna.address, ben.address);
const controlPlane = createControlPlane({ registry: fileRegistry(file.path), allowAddresses: ["127.0.0.0/8"] });
await controlPlane.listen("127.0.0.1:18000"); // where envoy.yaml says
const envoy = await startEnvoy();

// A client from outside: it knows nothing but Envoy, and speaks HTTP/1.1, as browsers do.
const client = createClient(EchoService, createConnectTransport({ baseUrl: "http://127.0.0.1:10000", httpVersion: "1.1" }));
const before = await countAnswers(client, 100);
console.log("the file has anna and ben:", before);
assert.deepEqual(Object.keys(before).sort(), ["anna", "ben"]);

file.write(service, ben.address, carla.address);
let after = before;
while (after.anna !== undefined || after.carla === undefined) after = await countAnswers(client, 100);
console.log("and now ben and carla:", after);

await controlPlane.close();
const alone = await countAnswers(client, 100);
console.log("all answered, without a control plane:", alone);
assert.deepEqual(Object.keys(alone).sort(), ["ben", "carla"]);

envoy.kill("SIGKILL");
await Promise.all([anna.close(), ben.close(), carla.close()]);

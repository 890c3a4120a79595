// Endpoints straight from the apiserver of Kubernetes: no control plane, no DNS, no proxy. Here a small server stands for the apiserver.
import assert from "node:assert/strict";
import { createClient } from "@connectrpc/connect";
import { createBalancedTransport } from "meshless";
import { kubernetesSource } from "meshless-kubernetes";
import { EchoService } from "../../test/gen/meshless/testing/v1/echo_pb.ts";
import { countAnswers } from "../count-answers.ts";
import { startEchoServer } from "../echo-server.ts";
import { untilReachable } from "../until-reachable.ts";
import { StandInApiserver } from "./stand-in-apiserver.ts";

const pods = await Promise.all([startEchoServer("anna"), startEchoServer("ben"), startEchoServer("carla")]);
const [anna, ben, carla] = pods;
const apiserver = await StandInApiserver.start();
apiserver.setReady(anna, true);
apiserver.setReady(ben, true);

// In a pod, `kubernetesSource()` is all: it comes as the pod's ServiceAccount. Pods are not on loopback either.
const source = kubernetesSource({ kubeconfig: apiserver.kubeconfig, allowAddresses: ["127.0.0.0/8"] });
const transport = createBalancedTransport(source, { authority: "echo.shop:80" });
const client = createClient(EchoService, transport);
const before = await countAnswers(client, 200);
console.log("anna and ben are ready:", before);
assert.deepEqual(Object.keys(before).sort(), ["anna", "ben"]);

const reachable = untilReachable(transport, [carla]);
const changedAtMs = performance.now();
apiserver.setReady(anna, false);
apiserver.setReady(carla, true);
await reachable;
console.log(`carla is ready, and anna is not: the client had a session to carla after ${Math.round(performance.now() - changedAtMs)} ms`);
const after = await countAnswers(client, 200);
console.log("from then on:", after);
assert.deepEqual(Object.keys(after).sort(), ["ben", "carla"]);

await apiserver.close();
const alone = await countAnswers(client, 200);
console.log("all answered, without an apiserver:", alone);
assert.deepEqual(Object.keys(alone).sort(), ["ben", "carla"]);

await transport.close();
await Promise.all(pods.map((pod) => pod.close()));

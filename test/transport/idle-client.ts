// Run by close.test.ts: a program that makes a transport and never closes it.
import { setImmediate as nextTurn } from "node:timers/promises";
import { createClient } from "@connectrpc/connect";
import { createBalancedTransport } from "../../src/index.ts";
import { EchoService } from "../gen/meshless/testing/v1/echo_pb.ts";

const [target = "", mode] = process.argv.slice(2);
const transport = createBalancedTransport(target, mode === "told" ? { reportIntervalMs: 100 } : {});
const client = createClient(EchoService, transport);

if (mode === "in-call") {
  void client.update({}).then(() => console.log("answered"));
} else {
  if (mode === "idle") await client.update({});
  while (mode === "told" && transport.inspect().endpoints.every(({ report }) => report === undefined)) await nextTurn();
  console.log(mode);
}

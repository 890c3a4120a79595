// A user's ES module: calls Echo through a balanced transport and prints who answered.
import { createClient } from "@connectrpc/connect";
import { createGrpcTransport } from "@connectrpc/connect-node";
import { balanced, createBalancedTransport } from "meshless";
import { EchoService } from "./gen-esm/meshless/testing/v1/echo_pb.js";

const [addresses = ""] = process.argv.slice(2);
const [first = ""] = addresses.split(",");
const transports = {
  createBalancedTransport: createBalancedTransport(`static:///${addresses}`),
  balanced: balanced(createGrpcTransport, { baseUrl: `http://${first}` }),
};

/** @type {Record<string, string | undefined>} */
const answers = {};
for (const [name, transport] of Object.entries(transports)) {
  const { text } = await createClient(EchoService, transport).echo({ text: `hello from ${name}` });
  answers[name] = text;
  await transport.close();
}
console.log(JSON.stringify(answers));

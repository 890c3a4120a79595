// The same user in CommonJS, whose require() loads other copies of Connect and Protobuf than an import does.
const { createClient } = require("@connectrpc/connect");
const { createGrpcTransport } = require("@connectrpc/connect-node");
const { balanced, createBalancedTransport } = require("meshless");
const { EchoService } = require("./gen-cjs/meshless/testing/v1/echo_pb.js");

const [addresses = ""] = process.argv.slice(2);
const [first = ""] = addresses.split(",");

async function main() {
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
}

void main();

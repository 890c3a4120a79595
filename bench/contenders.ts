import { connect } from "node:http2";
import { create, fromBinary, toBinary } from "@bufbuild/protobuf";
import { createClient, type Transport } from "@connectrpc/connect";
import { createConnectTransport, createGrpcTransport } from "@connectrpc/connect-node";
import { credentials, Client as GrpcClient } from "@grpc/grpc-js";
import { createBalancedTransport } from "meshless";
import { EchoRequestSchema, EchoResponseSchema, EchoService } from "../test/gen/meshless/testing/v1/echo_pb.ts";

/** Makes one unary call and resolves to the text of the answer. */
export type Call = () => Promise<string>;

export const TEXT = "hello";
const PATH = `/${EchoService.typeName}/Echo`;
const request = create(EchoRequestSchema, { text: TEXT });

/** Those who can balance do so over all ports; connect-node has one connection, to the first. */
export const contenders = {
  "raw-node-http2": rawHttp2,
  "grpc-js": grpcJs,
  "connect-node-connect": (ports) => echo(createConnectTransport({ baseUrl: `http://127.0.0.1:${ports[0]}`, httpVersion: "2" })),
  "connect-node-grpc": (ports) => echo(createGrpcTransport({ baseUrl: `http://127.0.0.1:${ports[0]}` })),
  "meshless-connect": (ports) => echo(createBalancedTransport(`static:///${addresses(ports)}`)),
  "meshless-grpc": (ports) => echo(createBalancedTransport(`static:///${addresses(ports)}`, { protocol: "grpc" })),
} satisfies Record<string, (ports: readonly number[]) => Call>;

export type Contender = keyof typeof contenders;

/** The floor: one session and the bytes, without protobuf, deadlines or errors. */
function rawHttp2(ports: readonly number[]): Call {
  const session = connect(`http://127.0.0.1:${ports[0]}`);
  const body = toBinary(EchoRequestSchema, request);
  return () =>
    new Promise((resolve, reject) => {
      const stream = session.request({ ":method": "POST", ":path": PATH, "content-type": "application/proto" });
      const chunks: Buffer[] = [];
      stream.on("data", (chunk: Buffer) => chunks.push(chunk));
      stream.once("error", reject);
      // The message is one field of one length: tag, length, text.
      stream.once("end", () => resolve(Buffer.concat(chunks).toString("utf8", 2)));
      stream.end(body);
    });
}

function grpcJs(ports: readonly number[]): Call {
  const client = new GrpcClient(`ipv4:${addresses(ports)}`, credentials.createInsecure(), {
    "grpc.service_config": JSON.stringify({ loadBalancingConfig: [{ round_robin: {} }] }),
  });
  const serialize = (message: typeof request) => Buffer.from(toBinary(EchoRequestSchema, message));
  const deserialize = (bytes: Buffer) => fromBinary(EchoResponseSchema, bytes);
  return () =>
    new Promise((resolve, reject) => {
      client.makeUnaryRequest(PATH, serialize, deserialize, request, (error, response) =>
        response ? resolve(response.text) : reject(error),
      );
    });
}

export function echo(transport: Transport): Call {
  const client = createClient(EchoService, transport);
  return async () => (await client.echo(request)).text;
}

function addresses(ports: readonly number[]): string {
  return ports.map((port) => `127.0.0.1:${port}`).join(",");
}

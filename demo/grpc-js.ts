import { create, fromBinary, toBinary } from "@bufbuild/protobuf";
import { Client, credentials } from "@grpc/grpc-js";
import { EchoRequestSchema, EchoResponseSchema, EchoService } from "../test/gen/meshless/testing/v1/echo_pb.ts";
import type { Echo } from "./echo.ts";
import { SERVICE } from "./services-file.ts";

/** A client of grpc-js, with its policy `round_robin`. The control plane tells it of servers as it tells everybody else. */
export async function grpcJs(controlPlane: string): Promise<Echo> {
  process.env.GRPC_XDS_BOOTSTRAP_CONFIG = JSON.stringify({
    xds_servers: [{ server_uri: controlPlane, channel_creds: [{ type: "insecure" }], server_features: ["xds_v3"] }],
    node: { id: `demo/${process.pid}`, locality: {} },
  });
  // Only here, because loading it takes long.
  const { register } = await import("@grpc/grpc-js-xds");
  register();
  const client = new Client(`xds:///${SERVICE}`, credentials.createInsecure());
  const request = create(EchoRequestSchema, { text: "hello" });
  const serialize = (message: typeof request) => Buffer.from(toBinary(EchoRequestSchema, message));
  const deserialize = (bytes: Buffer) => fromBinary(EchoResponseSchema, bytes);
  return (timeoutMs) =>
    new Promise((resolve, reject) => {
      const options = { deadline: Date.now() + timeoutMs };
      client.makeUnaryRequest(`/${EchoService.typeName}/Echo`, serialize, deserialize, request, options, (error, response) =>
        response ? resolve(response.server?.name ?? "unknown") : reject(error),
      );
    });
}

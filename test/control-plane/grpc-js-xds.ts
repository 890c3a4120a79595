import { promisify } from "node:util";
import { Client, credentials, makeGenericClientConstructor } from "@grpc/grpc-js";
import { register } from "@grpc/grpc-js-xds";
import { onTestFinished } from "vitest";
import { EchoService } from "../gen/meshless/testing/v1/echo_pb.ts";
import { grpcDefinition } from "../interop/grpc-definition.ts";

/** A client of grpc-js that starts from a listener. It reads its bootstrap once in a process. */
export async function startGrpcJs(port: number, service: string): Promise<() => Promise<string>> {
  process.env.GRPC_XDS_BOOTSTRAP_CONFIG = JSON.stringify({
    xds_servers: [{ server_uri: `127.0.0.1:${port}`, channel_creds: [{ type: "insecure" }], server_features: ["xds_v3"] }],
    node: { id: "test", locality: { region: "r", zone: "a" } },
  });
  register();
  const EchoClient = makeGenericClientConstructor(grpcDefinition(EchoService), "echo");
  const client = new EchoClient(`xds:///${service}`, credentials.createInsecure());
  onTestFinished(() => client.close());
  await promisify(Client.prototype.waitForReady).call(client, Date.now() + 15_000);
  const echo = promisify(
    client.echo?.bind(client) as (request: object, callback: (error: Error | null, response: unknown) => void) => void,
  );
  return async () => {
    const response = (await echo({ text: "x" })) as { readonly server?: { readonly name: string } };
    return response.server?.name ?? "nobody";
  };
}

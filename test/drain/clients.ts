import { type Client, createClient, type Transport } from "@connectrpc/connect";
import { createGrpcTransport } from "@connectrpc/connect-node";
import { credentials, Client as GrpcClient } from "@grpc/grpc-js";
import { onTestFinished } from "vitest";
import { createBalancedTransport } from "../../src/index.ts";
import { EchoService } from "../gen/meshless/testing/v1/echo_pb.ts";
import { grpcTransport } from "../interop/grpc-transport.ts";

export type EchoClient = Client<typeof EchoService>;

/** A client of these addresses, until the end of the test. */
export type MakeClient = (...addresses: readonly string[]) => EchoClient;

const echoClient = (transport: Transport): EchoClient => createClient(EchoService, transport);

export const meshless: MakeClient = (...addresses) => {
  const transport = createBalancedTransport(`static:///${addresses.join(",")}`);
  onTestFinished(() => transport.close({ graceMs: 0 }));
  return echoClient(transport);
};

export const grpcJs: MakeClient = (...addresses) => {
  const serviceConfig = JSON.stringify({ loadBalancingConfig: [{ round_robin: {} }] });
  const client = new GrpcClient(`ipv4:${addresses.join(",")}`, credentials.createInsecure(), { "grpc.service_config": serviceConfig });
  onTestFinished(() => client.close());
  return echoClient(grpcTransport(client));
};

/** Of the first address, since it has one connection, and does not balance. */
export const connectNode: MakeClient = (address) => echoClient(createGrpcTransport({ baseUrl: `http://${address}` }));

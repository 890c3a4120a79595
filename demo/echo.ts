import { createClient, type Transport } from "@connectrpc/connect";
import { EchoService } from "../test/gen/meshless/testing/v1/echo_pb.ts";

/** Makes one call and resolves to the name of the server that answered. */
export type Echo = (timeoutMs: number) => Promise<string>;

export function echo(transport: Transport): Echo {
  const client = createClient(EchoService, transport);
  return async (timeoutMs) => (await client.echo({ text: "hello" }, { timeoutMs })).server?.name ?? "unknown";
}

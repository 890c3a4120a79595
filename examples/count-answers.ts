import type { Client } from "@connectrpc/connect";
import type { EchoService } from "../test/gen/meshless/testing/v1/echo_pb.ts";

/** Makes calls one after the other, and says how many each server answered. */
export async function countAnswers(client: Client<typeof EchoService>, calls: number): Promise<Record<string, number>> {
  const answers: Record<string, number> = {};
  for (let call = 0; call < calls; call++) {
    const { server } = await client.echo({ text: "hello" });
    const name = server?.name ?? "nobody";
    answers[name] = (answers[name] ?? 0) + 1;
  }
  return answers;
}

import type { Client } from "@connectrpc/connect";
import type { EchoService } from "../test/gen/meshless/testing/v1/echo_pb.ts";

/**
 * Makes calls, and says how many each server answered.
 *
 * @param atOnce how many calls are under way at any time
 */
export async function countAnswers(client: Client<typeof EchoService>, calls: number, atOnce = 1): Promise<Record<string, number>> {
  const answers: Record<string, number> = {};
  let left = calls;
  async function oneAfterTheOther(): Promise<void> {
    while (left-- > 0) {
      const { server } = await client.echo({ text: "hello" });
      const name = server?.name ?? "nobody";
      answers[name] = (answers[name] ?? 0) + 1;
    }
  }
  await Promise.all(Array.from({ length: atOnce }, oneAfterTheOther));
  return answers;
}

import { expect, it } from "vitest";
import { manualClock, seededRandom } from "../../src/testing/index.ts";
import { readyClient } from "../support/balanced-client.ts";
import { startEchoFleet } from "../support/echo-fleet.ts";
import { use } from "../support/use.ts";

it.each(["connect", "grpc"] as const)(
  "a stream that was answered and stays open is no hang: its server keeps its part of the calls, in %s",
  async (protocol) => {
    const clock = manualClock();
    const fleet = use(await startEchoFleet(2, { onCall: ({ method }) => clock.advance(method === "Echo" ? 1 : 0) }));
    const { client } = await readyClient(fleet.target, { protocol, clock, random: seededRandom(7) });
    for (let n = 0; n < 20; n++) await client.echo({});
    const over = Promise.withResolvers<void>();
    const talking = async function* () {
      yield { text: "hello" };
      await over.promise;
    };
    const answers = client.chat(talking())[Symbol.asyncIterator]();
    await answers.next();
    const before = fleet.attempts();
    clock.advance(10_000);
    await Promise.all(Array.from({ length: 40 }, () => client.echo({})));
    for (const [index, attempts] of fleet.attempts().entries()) expect(attempts - (before[index] as number)).toBeGreaterThan(12);
    over.resolve();
    expect(await answers.next()).toMatchObject({ done: true });
  },
);

import { Code } from "@connectrpc/connect";
import { describe, expect, it } from "vitest";
import { roundRobin } from "../../src/index.ts";
import { inFlight, readyClient } from "../support/balanced-client.ts";
import { collect } from "../support/collect.ts";
import { startEchoFleet, staticTarget } from "../support/echo-fleet.ts";
import { answerEcho } from "../support/echo-wire.ts";
import { failureOf } from "../support/failure-of.ts";
import { startRawHttp2Server } from "../support/raw-http2-server.ts";
import { eventually } from "../support/until.ts";
import { use } from "../support/use.ts";

const withBytes = (bytes: number) => ({ headers: { "x-large": "a".repeat(bytes) } });

const unblamed = { ejection: "none", outcomes: { abandoned: 10, failure: 0, overload: 0, refused: 0, timeout: 0 } };

const limits = [
  ["Node.js sends", {}, 100_000, 65_536],
  ["the server's SETTINGS allow", { maxHeaderListSize: 20_000 }, 30_000, 20_000],
] as const;

describe.each(["connect", "grpc", "grpc-web"] as const)("in %s", (protocol) => {
  it.each(limits)(
    "headers larger than %s fail the call and say so; no endpoint is asked or blamed",
    async (_who, settings, bytes, limit) => {
      const fleet = use(await startEchoFleet(2, { settings }));
      const { client, transport } = await readyClient(fleet.target, { protocol, policy: roundRobin() });
      const calls = Array.from({ length: 10 }, () => [
        failureOf(client.update({}, withBytes(bytes))),
        failureOf(collect(client.count({ count: 1 }, withBytes(bytes)))),
      ]);
      for (const error of await Promise.all(calls.flat())) {
        expect(error.code).toBe(Code.ResourceExhausted);
        expect(error.rawMessage).toMatch(new RegExp(`^the request's headers are too large: \\d+ bytes, .* ${limit} at most`));
        expect(Number(/\d+/.exec(error.rawMessage)?.[0]) - bytes).toSatisfy((rest: number) => rest > 0 && rest < 2_000);
      }
      expect(fleet.attempts()).toEqual([0, 0]);
      await eventually(() => inFlight(transport) === 0);
      expect(transport.inspect().endpoints).toMatchObject([unblamed, unblamed]);
      await Promise.all([client.update({}), client.update({})]);
      expect(fleet.attempts()).toEqual([1, 1]);
    },
  );
});

it("headers just within the limits are sent", async () => {
  const fleet = use(await startEchoFleet(1, { settings: { maxHeaderListSize: 62_000 } }));
  const { client } = await readyClient(fleet.target);
  expect(await client.update({ text: "a" }, withBytes(60_000))).toMatchObject({ text: "a" });
});

it("a server that says it takes next to nothing is asked all the same, and has to answer for it", async () => {
  const server = use(
    await startRawHttp2Server({ settings: { maxHeaderListSize: 0 }, onRequestEnd: (stream) => answerEcho(stream, "well, then") }),
  );
  const { client } = await readyClient(staticTarget(server));
  expect(await client.update({})).toMatchObject({ text: "well, then" });
});

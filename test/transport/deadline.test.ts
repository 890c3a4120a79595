import { constants } from "node:http2";
import { Code, ConnectError } from "@connectrpc/connect";
import { describe, expect, it } from "vitest";
import type { Policy } from "../../src/index.ts";
import { manualClock } from "../../src/testing/index.ts";
import { readyClient } from "../support/balanced-client.ts";
import { collect } from "../support/collect.ts";
import { startEchoFleet, staticTarget } from "../support/echo-fleet.ts";
import { type SeenCall, startEchoServer } from "../support/echo-server.ts";
import type { WireProtocol } from "../support/echo-wire.ts";
import { failureOf } from "../support/failure-of.ts";
import { preferring } from "../support/preferring.ts";
import { startRawHttp2Server } from "../support/raw-http2-server.ts";
import { use } from "../support/use.ts";

const { NGHTTP2_CANCEL, NGHTTP2_REFUSED_STREAM } = constants;
const protocols = ["connect", "grpc"] as const satisfies readonly WireProtocol[];
/** So long that only the manual clock can reach it. */
const timeoutMs = 100_000;

function timeoutSent({ headers }: SeenCall): string | undefined {
  return (headers["connect-timeout-ms"] ?? headers["grpc-timeout"])?.toString().replace("m", "");
}

/** The policy, with a pause before each pick: time passes between the call and its attempts. */
function takingTime(policy: Policy, pause: () => void): Policy {
  return (env) => {
    const picker = policy(env);
    return {
      ...picker,
      pick(context, nowMs) {
        pause();
        return picker.pick(context, nowMs);
      },
    };
  };
}

describe.each(["connect", "grpc", "grpc-web"] as const)("a time-out with a fraction, in %s", (protocol) => {
  it.each([
    ["of the call", { timeoutMs: 1_234.5 }, undefined],
    ["by default", {}, 1_234.5],
  ])("%s: the server is told the next whole number", async (_whose, options, defaultTimeoutMs) => {
    const server = use(await startEchoServer());
    const clock = manualClock();
    const { client } = await readyClient(staticTarget(server), { protocol, clock, defaultTimeoutMs, session: { pingIntervalMs: 0 } });
    expect(await client.update({ text: "a" }, options)).toMatchObject({ text: "a" });
    expect(await collect(client.count({ count: 1 }, options))).toMatchObject([{ number: 1 }]);
    expect(server.calls.map(timeoutSent)).toEqual(["1235", "1235"]);
  });
});

it.each([
  ["connect", "200000001"],
  ["grpc", "200001S"],
  ["grpc-web", "200001S"],
] as const)("a time-out of days is told in as many digits as %s allows", async (protocol, told) => {
  const server = use(await startEchoServer());
  const { client } = await readyClient(staticTarget(server), { protocol, clock: manualClock(), session: { pingIntervalMs: 0 } });
  expect(await client.update({ text: "a" }, { timeoutMs: 200_000_001 })).toMatchObject({ text: "a" });
  expect(server.calls.map(timeoutSent)).toEqual([told]);
});

describe.each(protocols)("the deadline of a call, in %s", (protocol) => {
  it.each([
    ["once it has passed: deadline exceeded", timeoutMs, Code.DeadlineExceeded],
    ["before it has passed: canceled", timeoutMs - 1, Code.Canceled],
  ])("the server cancels the stream %s", async (_when, elapsedMs, code) => {
    const clock = manualClock();
    const server = use(
      await startRawHttp2Server({
        onRequestEnd(stream) {
          clock.advance(elapsedMs);
          stream.sendReset(NGHTTP2_CANCEL);
        },
      }),
    );
    const { client } = await readyClient(staticTarget(server), { protocol, clock, session: { pingIntervalMs: 0 } });
    expect(await failureOf(client.update({}, { timeoutMs }))).toMatchObject({ code });
  });

  it("every attempt is told what is left, rounded up", async () => {
    const clock = manualClock();
    const onCall = (call: SeenCall) => {
      call.reset(NGHTTP2_REFUSED_STREAM);
      throw new ConnectError("never heard");
    };
    const { servers, target } = use(await startEchoFleet(3, { onCall }));
    const policy = takingTime(preferring(...servers), () => clock.advance(1_000.5));
    const { client } = await readyClient(target, { protocol, clock, policy, session: { pingIntervalMs: 0 } });
    await failureOf(client.update({}, { timeoutMs }));
    expect(servers.map(({ calls }) => calls.map(timeoutSent))).toEqual([["99000"], ["97999"], ["96999"]]);
  });
});

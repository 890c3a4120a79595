import { describe, expect, it } from "vitest";
import { manualClock } from "../../src/testing/manual-clock.ts";
import { testEndpoint } from "../../src/testing/test-endpoint.ts";
import type { Session } from "../../src/transport/sessions/session.ts";
import { defaultSessionOptions } from "../../src/transport/sessions/session-options.ts";
import { SessionPools } from "../../src/transport/sessions/session-pools.ts";
import type { FakeHttp2Session } from "./fake-http2-session.ts";
import { FakeNetwork } from "./fake-network.ts";

const ignore = () => {};
const endpoint = testEndpoint({ id: "a", address: "10.0.0.1" });

/** One endpoint with a session that carries a stream. */
async function setUp(reopens: boolean | undefined) {
  const clock = manualClock();
  const network = new FakeNetwork(() => clock.now(), { onDial: ignore, onStream: ignore, onSettings: ignore, onLeft: ignore });
  const pools: SessionPools = new SessionPools(
    { clock, random: () => 0.5, dial: network.dial, options: defaultSessionOptions, reopens },
    { onConnectivity: ignore, onSessionOpened: ignore, onSessionClosed: ignore, onRenewalFailed: ignore },
  );
  const pool = () => pools.get("a");
  const open = async () => {
    network.sessions.at(-1)?.sendSettings(100);
    await network.settle();
  };
  const lose = async (how: (session: FakeHttp2Session) => void) => {
    how(network.sessions.at(-1) as FakeHttp2Session);
    await network.settle();
  };
  pools.update([endpoint]);
  await open();
  const session = pool()?.take() as Session;
  const stream = session.request([], false);
  stream.on("error", ignore).on("close", () => session.release());
  return { clock, network, pools, pool, open, lose };
}

describe("a session that is lost with its streams", () => {
  it("is followed by another one at once", async () => {
    const { network, pool, lose } = await setUp(undefined);
    await lose((session) => session.failSocket("read ECONNRESET"));
    expect(network.sessions).toHaveLength(2);
    expect(pool()?.connectivity).toBe("connecting");
  });

  it.each<[string, (session: FakeHttp2Session) => void]>([
    ["reset", (session) => session.failSocket("read ECONNRESET")],
    ["closed", (session) => session.closeSocket()],
    ["sent away", (session) => session.sendGoaway(0, 1, "")],
  ])("is followed by none until a call wants one, where sessions don't reopen: %s", async (_, how) => {
    const { clock, network, pools, pool, open, lose } = await setUp(false);
    await lose(how);
    clock.advance(60_000);
    expect(network.sessions).toHaveLength(1);
    expect(pool()?.connectivity).toBe("idle");
    pools.warmUp.want(pool() as NonNullable<ReturnType<typeof pool>>, 0);
    expect(network.sessions).toHaveLength(2);
    await open();
    expect(pool()?.connectivity).toBe("ready");
  });

  it("leaves an endpoint unreachable, and tried again after a while, when it can't be dialled either, though sessions don't reopen", async () => {
    const { clock, network, pools, pool, lose } = await setUp(false);
    await lose((session) => session.failSocket("read ECONNRESET"));
    pools.warmUp.want(pool() as NonNullable<ReturnType<typeof pool>>, 0);
    await lose((session) => session.failSocket("connect ECONNREFUSED"));
    expect(pool()?.connectivity).toBe("unreachable");
    clock.advance(1_000);
    expect(network.sessions).toHaveLength(3);
  });
});

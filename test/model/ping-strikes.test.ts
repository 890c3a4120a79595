import { describe, expect, it } from "vitest";
import { manualClock } from "../../src/testing/manual-clock.ts";
import { testEndpoint } from "../../src/testing/test-endpoint.ts";
import { defaultSessionOptions } from "../../src/transport/sessions/session-options.ts";
import { SessionPools } from "../../src/transport/sessions/session-pools.ts";
import type { FakeHttp2Session } from "./fake-http2-session.ts";
import { FakeNetwork } from "./fake-network.ts";

const enhanceYourCalm = 11;
const { pingIntervalMs } = defaultSessionOptions;
const dayMs = 86_400_000;

/** Counts pings that come too soon, as gRPC's servers do (gRFC A8): two are forgiven on each connection. */
class StrikingServer {
  complaints = 0;
  /** When pings came, on whatever connection. */
  readonly pingsAtMs: number[] = [];
  readonly #minIntervalMs: number;
  readonly #forgiven: number;
  readonly #strikes = new Map<FakeHttp2Session, number>();
  readonly #lastPingAtMs = new Map<FakeHttp2Session, number>();

  constructor(minIntervalMs: number, forgiven = 2) {
    this.#minIntervalMs = minIntervalMs;
    this.#forgiven = forgiven;
  }

  onPing(session: FakeHttp2Session, nowMs: number): void {
    session.answerPing();
    this.pingsAtMs.push(nowMs);
    const sinceMs = nowMs - (this.#lastPingAtMs.get(session) ?? Number.NEGATIVE_INFINITY);
    this.#lastPingAtMs.set(session, nowMs);
    if (sinceMs >= this.#minIntervalMs) return;
    const strikes = (this.#strikes.get(session) ?? 0) + 1;
    this.#strikes.set(session, strikes);
    if (strikes > this.#forgiven) this.#complain(session);
  }

  pingsBetween(fromMs: number, toMs: number): number {
    return this.pingsAtMs.filter((atMs) => atMs > fromMs && atMs <= toMs).length;
  }

  #complain(session: FakeHttp2Session): void {
    this.complaints++;
    session.later(() => session.sendGoaway(enhanceYourCalm, 1, "too_many_pings"));
  }
}

/** One long call to each server, made anew when its session is lost. */
function callAll(servers: readonly StrikingServer[]) {
  const clock = manualClock();
  const endpoints = servers.map((_, index) => testEndpoint({ address: `10.0.0.${index + 1}` }));
  const serverOf = ({ endpoint }: FakeHttp2Session) => servers[endpoints.findIndex(({ id }) => id === endpoint.id)] as StrikingServer;
  const ignore = () => {};
  const network = new FakeNetwork(() => clock.now(), {
    onDial: (session) => session.later(() => session.sendSettings(100)),
    onPing: (session) => serverOf(session).onPing(session, clock.now()),
    onStream: ignore,
    onSettings: ignore,
    onLeft: ignore,
  });
  const pools: SessionPools = new SessionPools(
    { clock, random: () => 0.5, dial: network.dial, options: defaultSessionOptions },
    {
      onConnectivity: ignore,
      onSessionOpened({ id }) {
        const session = pools.get(id)?.take();
        session
          ?.request([], false)
          .on("error", ignore)
          .on("close", () => session.release());
      },
      onSessionClosed: ignore,
      onRenewalFailed: ignore,
    },
  );
  pools.update(endpoints);
  const advance = async (byMs: number) => {
    for (const untilMs = clock.now() + byMs; clock.now() < untilMs; clock.advance(pingIntervalMs)) await network.settle();
    await network.settle();
  };
  return { advance };
}

describe("of servers that count ping strikes", () => {
  it("twenty complain a few times each, and are then pinged as often as each of them allows", async () => {
    const minimaMs = [10_000, 300_000, 600_000, 3_600_000];
    const servers = Array.from({ length: 20 }, (_, index) => new StrikingServer(minimaMs[index % minimaMs.length] as number));
    const { advance } = callAll(servers);
    await advance(dayMs);
    const firstDay = servers.map(({ complaints }) => complaints);
    expect(firstDay.slice(0, 4)).toEqual([0, 1, 2, 5]);
    await advance(dayMs);
    expect(servers.map(({ complaints }) => complaints)).toEqual(firstDay);
    expect(servers.slice(0, 4).map((server) => server.pingsBetween(dayMs, 2 * dayMs))).toEqual([2880, 288, 144, 18]);
  });

  it("one that complains of every ping changes nothing for the others", async () => {
    const hostile = new StrikingServer(Number.POSITIVE_INFINITY, -1);
    const honest = Array.from({ length: 3 }, () => new StrikingServer(pingIntervalMs));
    const { advance } = callAll([hostile, ...honest]);
    await advance(dayMs);
    expect(hostile.complaints).toBeLessThan(12);
    expect(honest.map((server) => server.pingsBetween(0, dayMs))).toEqual([2880, 2880, 2880]);
  });
});

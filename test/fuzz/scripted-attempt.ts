import { ConnectError } from "@connectrpc/connect";
import type { Lease } from "../../src/balancer/balancer.ts";
import { noRetry } from "../../src/balancer/retries/retry-policy.ts";
import { manualClock } from "../../src/testing/manual-clock.ts";
import { Attempt } from "../../src/transport/calls/attempt.ts";
import type { Call } from "../../src/transport/calls/call.ts";
import { ReportReader } from "../../src/transport/sessions/read-report.ts";
import type { Session } from "../../src/transport/sessions/session.ts";
import type { SessionPool } from "../../src/transport/sessions/session-pool.ts";
import { Activity } from "../../src/transport/upstream/activity.ts";
import { Place } from "../../src/transport/upstream/place.ts";
import { FakeHttp2Stream } from "../model/fake-http2-stream.ts";
import type { Script } from "./answer-script.ts";

/** Of the event loop: what is compressed is read by other threads. */
const maxTurns = 1_000_000;

/** Makes one attempt, whose server answers by a script. @param read opens its stream and reads the answer @returns what that resolves with */
export async function playAttempt<R>(script: Script, isStream: boolean, read: (attempt: Attempt) => Promise<R>): Promise<R> {
  const later: (() => void)[] = [];
  const native = new FakeHttp2Stream(
    { goawayCode: 0, destroyCode: 0, lastStreamId: Number.POSITIVE_INFINITY, later: (task) => void later.push(task), forget() {} },
    1,
    [],
  );
  const session = { keepsPlaces: true, maxHeaderListBytes: Infinity, request: () => native, isBeyondGoaway: () => false, release() {} };
  const lease = { responded() {}, settle() {} };
  const pool = { address: "10.0.0.1:80", reports: new ReportReader() };
  const place = new Place(lease as unknown as Lease, session as unknown as Session, pool as unknown as SessionPool, new Activity());
  const call = { signal: new AbortController().signal, isStream, rules: { retry: noRetry } } as Call;
  const attempt = new Attempt({ call, place, number: 1, previous: 0, repeatReason: undefined, mayBounce: 0, clock: manualClock() });
  const reading = read(attempt);
  let result: { readonly value: R } | undefined;
  reading.then((value) => {
    result = { value };
  });
  await script(native);
  for (let turn = 0; result === undefined && turn < maxTurns; turn++) {
    for (const task of later.splice(0)) task();
    await new Promise((resolve) => setImmediate(resolve));
  }
  if (result === undefined) throw new Error("never settles");
  return result.value;
}

export function shownError(error: unknown) {
  const { code, rawMessage, metadata, details } = ConnectError.from(error);
  return { code, rawMessage, metadata: [...metadata], details };
}

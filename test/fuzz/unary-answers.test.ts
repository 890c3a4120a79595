import { type DescMethodUnary, toBinary } from "@bufbuild/protobuf";
import { ConnectError, type UnaryResponse } from "@connectrpc/connect";
import { describe, expect, it } from "vitest";
import type { Lease } from "../../src/balancer/balancer.ts";
import { noRetry } from "../../src/balancer/retries/retry-policy.ts";
import { manualClock } from "../../src/testing/manual-clock.ts";
import { Attempt } from "../../src/transport/calls/attempt.ts";
import type { Call } from "../../src/transport/calls/call.ts";
import { EagerBytes } from "../../src/transport/calls/eager-bytes.ts";
import { type Protocol, resolveProtocolOptions } from "../../src/transport/connect/protocol-options.ts";
import { ReportReader } from "../../src/transport/sessions/read-report.ts";
import type { Session } from "../../src/transport/sessions/session.ts";
import type { SessionPool } from "../../src/transport/sessions/session-pool.ts";
import { readingByConnect } from "../../src/transport/unary/connect-reading.ts";
import { MethodPlans } from "../../src/transport/unary/method-plan.ts";
import { ResponseReader } from "../../src/transport/unary/response-reader.ts";
import type { WireFormat } from "../../src/transport/unary/wire-format.ts";
import { wireFormats } from "../../src/transport/unary/wire-formats.ts";
import { Activity } from "../../src/transport/upstream/activity.ts";
import { Place } from "../../src/transport/upstream/place.ts";
import { EchoResponseSchema, EchoService } from "../gen/meshless/testing/v1/echo_pb.ts";
import { FakeHttp2Stream } from "../model/fake-http2-stream.ts";
import { fuzz } from "./fuzz.ts";
import { readScript, type Script } from "./unary-script.ts";

const protocolOptions = resolveProtocolOptions({ readMaxBytes: 200 });

/** Of the event loop: what is compressed is read by other threads. */
const maxTurns = 1_000_000;

/** What the caller is given, and what the balancer is told. */
interface Result {
  readonly answer?: unknown;
  readonly error?: unknown;
  readonly outcome: unknown;
}

/** Answers one attempt by a script. */
async function play(script: Script, protocol: Protocol, format: WireFormat): Promise<Result> {
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
  const call = { signal: new AbortController().signal, isStream: false, rules: { retry: noRetry } } as Call;
  const attempt = new Attempt({ call, place, number: 1, previous: 0, repeatReason: undefined, mayBounce: 0, clock: manualClock() });
  const plan = new MethodPlans<DescMethodUnary>({ format, protocolOptions, origin: "http://a", pathPrefix: "" }).of(EchoService.method.echo);
  const stream = attempt.open([], false, EagerBytes);
  const reading = { format, readMaxBytes: protocolOptions.readMaxBytes, readByConnect: readingByConnect(protocol, protocolOptions) };
  const { answer } = new ResponseReader(stream, plan, reading);
  const answered = answer.then(
    (response) => ({ answer: shown(response), outcome: attempt.finish(undefined) }),
    (error) => ({ error: shownError(error), outcome: attempt.finish(error) }),
  );
  stream.end(new Uint8Array());
  await script(native);
  let result: Result | undefined;
  answered.then((settled) => {
    result = settled;
  });
  for (let turn = 0; result === undefined && turn < maxTurns; turn++) {
    for (const task of later.splice(0)) task();
    await new Promise((resolve) => setImmediate(resolve));
  }
  if (result === undefined) throw new Error("never settles");
  return result;
}

function shown({ message, header, trailer }: UnaryResponse) {
  return {
    message: Buffer.from(toBinary(EchoResponseSchema, message as never)).toString("hex"),
    header: [...header],
    trailer: [...trailer],
  };
}

function shownError(error: unknown) {
  const { code, rawMessage, metadata, details } = ConnectError.from(error);
  return { code, rawMessage, metadata: [...metadata], details };
}

describe.each(["connect", "grpc", "grpc-web"] as const)("whatever a server answers to a unary call over %s", (protocol) => {
  it("the caller is given, and the balancer told, what Connect's own code makes of it", { timeout: 300_000 }, async () => {
    const format = wireFormats[protocol](protocolOptions);
    const byConnect = { ...format, isUsual: () => false };
    let usual = 0;
    const counting: WireFormat = {
      ...format,
      read(response) {
        const message = format.read(response);
        if (message !== undefined) usual++;
        return message;
      },
    };
    await fuzz(
      `unary-${protocol}`,
      async (input) => {
        const script = readScript(input);
        expect(await play(script, protocol, counting)).toEqual(await play(script, protocol, byConnect));
      },
      0.05,
    );
    expect(usual).toBeGreaterThan(0);
  });
});

import { constants } from "node:http2";
import { fromBinary } from "@bufbuild/protobuf";
import { Code } from "@connectrpc/connect";
import { expect, test } from "vitest";
import { seededRandom } from "../../src/testing/seeded-random.ts";
import { EchoRequestSchema } from "../gen/meshless/testing/v1/echo_pb.ts";
import { inFlight, readyClient } from "../support/balanced-client.ts";
import { staticTarget } from "../support/echo-fleet.ts";
import { answerEcho, type WireProtocol } from "../support/echo-wire.ts";
import { propertyRuns } from "../support/property-runs.ts";
import type { RawConnection, RawScript, RawStream } from "../support/raw-connection.ts";
import { startRawHttp2Server } from "../support/raw-http2-server.ts";
import { eventually } from "../support/until.ts";
import { use } from "../support/use.ts";

const { NGHTTP2_NO_ERROR, NGHTTP2_INTERNAL_ERROR, NGHTTP2_REFUSED_STREAM } = constants;

/** What becomes of an attempt, and how often of a hundred. `lost`: a server may have acted on it, and never answers. */
const shares = { answered: 60, slow: 12, unavailable: 8, notFound: 4, refused: 6, lost: 6, half: 2, sentAway: 1, cut: 1 } as const;
type Fate = keyof typeof shares;
const fates = (Object.keys(shares) as Fate[]).flatMap((fate) => Array.from({ length: shares[fate] }, () => fate));

const isUntouched = (fate: Known) => fate === "refused" || fate === "sentAway";
/** A final one that was written to a connection which was cut before the client can be known to have read it. */
type Known = Fate | "unsure";

const isFinal = (fate: Known) => fate === "answered" || fate === "notFound";

/** What was done to the attempts of each call, by its text, in the order in which they came. */
type Ledger = Map<string, Known[]>;

function answerError(stream: RawStream, protocol: WireProtocol, fate: "unavailable" | "notFound"): void {
  const [status, name, code] =
    fate === "notFound" ? (["404", "not_found", Code.NotFound] as const) : (["503", fate, Code.Unavailable] as const);
  if (protocol === "grpc") {
    stream.sendHeaders({ ":status": "200", "content-type": "application/grpc+proto", "grpc-status": `${code}` }, "end");
    return;
  }
  stream.sendHeaders({ ":status": status, "content-type": "application/json" });
  stream.sendData(Buffer.from(JSON.stringify({ code: name })), "end");
}

/** A server whose doings are drawn, and written down. */
function capricious(protocol: WireProtocol, random: () => number, ledger: Ledger, isOver: (text: string) => boolean): RawScript {
  const attempts = new Map<RawConnection, { readonly text: string; readonly tried: Known[]; readonly index: number }[]>();
  const takesNoMore = new WeakSet<RawConnection>();
  const isCut = new WeakSet<RawConnection>();
  const deeds: Record<Fate, (stream: RawStream, text: string, settle: (fate: Fate) => void) => void> = {
    answered: (stream, text) => answerEcho(stream, text, protocol),
    // Other calls may end the connection meanwhile.
    slow: (stream, text, settle) =>
      setImmediate(() =>
        setImmediate(() => {
          if (isCut.has(stream.connection)) return;
          settle("answered");
          answerEcho(stream, text, protocol);
        }),
      ),
    unavailable: (stream) => answerError(stream, protocol, "unavailable"),
    notFound: (stream) => answerError(stream, protocol, "notFound"),
    refused: (stream) => stream.sendReset(NGHTTP2_REFUSED_STREAM),
    lost: (stream) => stream.sendReset(NGHTTP2_INTERNAL_ERROR),
    half(stream) {
      stream.sendHeaders({ ":status": "200", "content-type": protocol === "grpc" ? "application/grpc+proto" : "application/proto" });
      stream.sendReset(NGHTTP2_INTERNAL_ERROR);
    },
    sentAway({ id, connection }) {
      takesNoMore.add(connection);
      connection.sendGoaway(Math.max(0, id - 2), NGHTTP2_NO_ERROR);
    },
    cut({ connection }) {
      isCut.add(connection);
      for (const { text, tried, index } of attempts.get(connection) ?? [])
        if (!isOver(text) && isFinal(tried[index] as Known)) tried[index] = "unsure";
      connection.end();
    },
  };
  return {
    onRequestEnd(stream) {
      if (takesNoMore.has(stream.connection) || isCut.has(stream.connection)) return;
      const { text } = fromBinary(EchoRequestSchema, protocol === "grpc" ? stream.body.subarray(5) : stream.body);
      const fate = fates[Math.floor(random() * fates.length)] as Fate;
      const tried = ledger.get(text) ?? [];
      ledger.set(text, tried);
      const index = tried.push(fate) - 1;
      const { connection } = stream;
      const underWay = (attempts.get(connection) ?? []).filter(({ text }) => !isOver(text));
      attempts.set(connection, [...underWay, { text, tried, index }]);
      deeds[fate](stream, text, (settled) => {
        tried[index] = settled;
      });
    },
  };
}

/** Enough for each fate to come. */
const calls = Math.max(1_000, propertyRuns(1_000));

test.each(["connect", "grpc"] as const)(
  `of ${calls} calls in %s, none is made again after an answer, or after a server may have acted on it unless its method says so`,
  {
    timeout: 60_000,
  },
  async (protocol) => {
    const random = seededRandom(Number(process.env.MESHLESS_SEED ?? 7));
    const ledger: Ledger = new Map();
    const answers = new Map<string, string | undefined>();
    const script = () => capricious(protocol, random, ledger, (text) => answers.has(text));
    const servers = await Promise.all(Array.from({ length: 8 }, () => startRawHttp2Server(script())));
    for (const server of servers) use(server);
    const { client, transport } = await readyClient(staticTarget(...servers), {
      protocol,
      ejection: false,
      retry: { budget: { share: 1 } },
    });
    let next = 0;
    const caller = async () => {
      while (next < calls) {
        const text = `${next++}`;
        const call = Number(text) % 2 === 0 ? client.update({ text }) : client.echo({ text });
        answers.set(text, await call.then(({ text }) => text).catch(() => undefined));
      }
    };
    await Promise.all(Array.from({ length: 32 }, caller));
    await eventually(() => inFlight(transport) === 0);
    for (const [text, tried] of ledger) {
      const touched = tried.filter((fate) => !isUntouched(fate));
      expect({ text, tried, isLast: tried.findIndex(isFinal) }).toEqual({
        text,
        tried,
        isLast: tried.some(isFinal) ? tried.length - 1 : -1,
      });
      expect({ text, tried, most: touched.length <= (Number(text) % 2 === 0 ? 1 : 3) }).toEqual({ text, tried, most: true });
      expect([undefined, text]).toContain(answers.get(text));
      const isAnswered = answers.get(text) === text;
      const last = tried.at(-1);
      if (last !== "unsure") expect({ text, tried, isAnswered }).toEqual({ text, tried, isAnswered: last === "answered" });
    }
    // The law has something to hold against: each fate came, and calls that may be made again were.
    expect([...new Set([...ledger.values()].flat())]).toEqual(expect.arrayContaining(Object.keys(shares)));
    expect([...ledger].filter(([text, tried]) => Number(text) % 2 === 1 && tried.length > 1).length).toBeGreaterThan(calls / 20);
  },
);

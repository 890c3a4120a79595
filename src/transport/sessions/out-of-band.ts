import type { ClientHttp2Stream } from "node:http2";
import { create, toBinary } from "@bufbuild/protobuf";
import { durationFromMs } from "@bufbuild/protobuf/wkt";
import { type BackoffOptions, backoffMs } from "../../backoff.ts";
import type { Clock, Timer } from "../../clock.ts";
import type { Endpoint } from "../../endpoint.ts";
import { OpenRcaService, OrcaLoadReportRequestSchema } from "../../gen/xds/service/orca/v3/orca_pb.ts";
import type { LoadReport } from "../../load-report.ts";
import type { RandomSource } from "../../random-source.ts";
import { framed, readReports } from "./report-stream.ts";
import { ResetCode } from "./reset-code.ts";
import type { Session } from "./session.ts";

/** What servers are asked for, beside calls. */
export interface OutOfBandOptions {
  readonly intervalMs: number;
  /** The `:authority` to send, or undefined for the dialled address. */
  readonly authority: string | undefined;
  /** Prefix of every path, without a slash at its end. */
  readonly pathPrefix: string;
}

export interface ReportsWanted extends OutOfBandOptions {
  onReport(endpoint: Endpoint, report: LoadReport): void;
  /** The server says that it has no such service. */
  onDeclined(endpoint: Endpoint): void;
}

/** An endpoint and its sessions, kept up to date. */
interface Reached {
  readonly endpoint: Endpoint;
  /** `10.0.0.1:80` */
  readonly address: string;
  readonly sessions: readonly Session[];
}

/** gRPC's, of connections: a stream that failed is no reason to hurry. */
const backoff: BackoffOptions = { baseMs: 1_000, multiplier: 1.6, maxMs: 120_000, jitter: 0.2 };

/**
 * The reports that a server sends beside calls (ORCA out of band, gRFC A51): one stream for an endpoint, on one of its sessions, begun again when it
 * ends. A session whose server has no such service is not asked again.
 */
export class OutOfBand {
  readonly #headers: readonly string[];
  readonly #request: Uint8Array;
  readonly #wanted: ReportsWanted;
  readonly #pool: Reached;
  readonly #clock: Clock;
  readonly #random: RandomSource;
  readonly #declined = new WeakSet<Session>();
  #stream: { readonly session: Session; readonly native: ClientHttp2Stream } | undefined;
  #failures = 0;
  #retry: Timer | undefined;

  constructor(wanted: ReportsWanted, pool: Reached, { clock, random }: { readonly clock: Clock; readonly random: RandomSource }) {
    const { intervalMs, authority, pathPrefix } = wanted;
    this.#wanted = wanted;
    this.#pool = pool;
    this.#clock = clock;
    this.#random = random;
    const request = create(OrcaLoadReportRequestSchema, { reportInterval: durationFromMs(Math.round(intervalMs)) });
    this.#request = framed(toBinary(OrcaLoadReportRequestSchema, request));
    const path = `${pathPrefix}/${OpenRcaService.typeName}/${OpenRcaService.method.streamCoreMetrics.name}`;
    const pseudoHeaders = [":method", "POST", ":path", path, ":authority", authority ?? pool.address];
    this.#headers = [...pseudoHeaders, "content-type", "application/grpc", "te", "trailers"];
  }

  /** To be called when a session opens, after the calls that waited for it have their places. */
  onOpen(): void {
    if (this.#stream === undefined) this.#begin();
  }

  /** To be called when a session takes no more streams: this one must not hold it. */
  onLeaving(session: Session): void {
    if (this.#stream?.session !== session) return;
    this.#cancel();
    this.#begin();
  }

  stop(): void {
    this.#retry?.cancel();
    this.#cancel();
  }

  #begin(): void {
    this.#retry?.cancel();
    const session = this.#pool.sessions.find((one) => one.phase === "open" && !this.#declined.has(one));
    if (session === undefined) return;
    const native = session.openBeside(this.#headers);
    if (native === undefined) return this.#beginLater();
    this.#stream = { session, native };
    readReports(native, this.#clock, {
      onReport: (report) => {
        if (this.#stream?.native !== native) return;
        this.#failures = 0;
        this.#wanted.onReport(this.#pool.endpoint, report);
      },
      onEnd: (isOffered) => {
        if (this.#stream?.native === native) this.#onEnd(session, isOffered);
      },
    });
    native.end(this.#request);
  }

  #onEnd(session: Session, isOffered: boolean): void {
    this.#stream = undefined;
    if (isOffered) return this.#beginLater();
    this.#declined.add(session);
    this.#wanted.onDeclined(this.#pool.endpoint);
    this.#begin();
  }

  #beginLater(): void {
    this.#failures++;
    this.#retry = this.#clock.after(backoffMs(this.#failures, backoff, this.#random), () => this.#begin());
  }

  #cancel(): void {
    this.#stream?.native.close(ResetCode.CANCEL);
    this.#stream = undefined;
  }
}

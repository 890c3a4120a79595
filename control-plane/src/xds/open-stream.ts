import type { Timer } from "../clock.ts";
import { Propagation } from "./propagation.ts";
import type { ServerStream } from "./server-stream.ts";
import { Wake } from "./wake.ts";

/** The connection of a stream, as far as streams care. */
export interface Connection {
  /** For logs, such as `10.0.0.7:51000`. */
  readonly peer: string;
  /** Who the client has shown to be: by its certificate, its URI first, then its DNS names; then by its token. None without one. */
  readonly names: readonly string[];
  /** Whether it has a certificate of an authority that signs for clients. */
  readonly isCertified: boolean;
  /** How long its token is good, in ms from the moment in which it was checked. Default: for ever. */
  readonly validForMs?: number | undefined;
  /** Asks whether its token is good still: its pod may be deleted. Never rejects. Default: it is. */
  readonly isStillGood?: (() => Promise<boolean>) | undefined;
  /** Tells the client to open its next stream on another connection. */
  retire(): void;
}

/** How a stream ends: for the client it went well, or there is an error. */
export type StreamEnd = { readonly reason: string; readonly error?: unknown };

/** A stream that is carried, and why it ends once it does. */
export class OpenStream {
  /** Different for each. */
  readonly id: number;
  readonly machine: ServerStream;
  readonly connection: Connection;
  readonly openedAtMs: number;
  readonly propagation = new Propagation();
  readonly wake = new Wake();
  readonly timers: Timer[] = [];
  responses = 0;
  #end: StreamEnd | undefined;

  constructor(id: number, machine: ServerStream, connection: Connection, openedAtMs: number) {
    this.id = id;
    this.machine = machine;
    this.connection = connection;
    this.openedAtMs = openedAtMs;
  }

  get ended(): StreamEnd | undefined {
    return this.#end;
  }

  /** The first reason counts. */
  end(end: StreamEnd): void {
    this.#end ??= end;
    this.wake.signal();
  }

  /** Nothing of it is left behind. */
  free(): void {
    this.machine.close();
    for (const timer of this.timers) timer.cancel();
  }
}

import type { ConnectError } from "@connectrpc/connect";

/** What was seen of an attempt's HTTP/2 stream. Codes alone say too little: a dead peer and a cancelled call look alike. */
export class StreamFacts {
  /** The request went out. */
  opened = false;
  /** Why Node.js did not send it after all: its headers are too large. */
  unsendable: ConnectError | undefined;
  /** Response headers came. */
  responded = false;
  /** Their status is an HTTP error, 400 or above: of a server or proxy that need not know the protocol. */
  httpError = false;
  /** They say that the server turned the call away before its handler, as we permitted. */
  bounced = false;
  /** The response came to its regular end. */
  ended = false;
  /** We gave the response up ourselves: the reader stopped, or it could not be understood. */
  givenUp = false;
  /** The code that the stream was reset with; 0 without a reset. */
  resetCode = 0;
  /** The whole connection went, not just the stream. */
  sessionLost = false;
  /** The server, which leaves, did not look at the stream. */
  beyondGoaway = false;
  /** The stream was cancelled when the deadline had passed: servers keep time too, and may be a moment faster. */
  expired = false;
}

/** Of an attempt that has no stream, or not yet. */
export const unsent: Readonly<StreamFacts> = new StreamFacts();

/** Of an attempt whose session left before it had a stream: as good as a GOAWAY that came in time. */
export const sessionGone: Readonly<StreamFacts> = { ...unsent, opened: true, beyondGoaway: true };

import type { ConnectError } from "@connectrpc/connect";

/** What was seen of an attempt's HTTP/2 stream. Codes alone say too little: a dead peer and a cancelled call look alike. */
export interface StreamFacts {
  /** The request went out. */
  readonly opened: boolean;
  /** Why Node.js did not send it after all: its headers are too large. */
  readonly unsendable: ConnectError | undefined;
  /** Response headers came. */
  readonly responded: boolean;
  /** Their status is an HTTP error, 400 or above: of a server or proxy that need not know the protocol. */
  readonly httpError: boolean;
  /** They say that the server turned the call away before its handler, as we permitted. */
  readonly bounced: boolean;
  /** The response came to its regular end. */
  readonly ended: boolean;
  /** We gave the response up ourselves: the reader stopped, or it could not be understood. */
  readonly givenUp: boolean;
  /** The code that the stream was reset with; 0 without a reset. */
  readonly resetCode: number;
  /** The whole connection went, not just the stream. */
  readonly sessionLost: boolean;
  /** The server said by GOAWAY that it did not look at the stream. */
  readonly beyondGoaway: boolean;
  /** The stream was cancelled when the deadline had passed: servers keep time too, and may be a moment faster. */
  readonly expired: boolean;
}

/** Of an attempt that has no stream, or not yet. */
export const unsent: StreamFacts = {
  opened: false,
  unsendable: undefined,
  responded: false,
  httpError: false,
  bounced: false,
  ended: false,
  givenUp: false,
  resetCode: 0,
  sessionLost: false,
  beyondGoaway: false,
  expired: false,
};

/** Of an attempt whose session left before it had a stream: as good as a GOAWAY that came in time. */
export const sessionGone: StreamFacts = { ...unsent, opened: true, beyondGoaway: true };

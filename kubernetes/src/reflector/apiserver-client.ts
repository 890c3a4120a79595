/** Reads from an apiserver. */
export interface ApiserverClient {
  /** Answers with any status. Rejects when there is no answer, or the signal is aborted; after that, the body ends with an error. */
  get(request: ApiserverRequest): Promise<ApiserverResponse>;
}

/** One GET. */
export interface ApiserverRequest {
  /** Such as `/api/v1/services`. */
  readonly path: string;
  /** Parameters by name, such as `watch`. */
  readonly query: Readonly<Record<string, string>>;
  /** In which form the answer is wanted: the header `Accept`. */
  readonly accept: string;
  /** Whether tokens and certificates are to be read anew, because the last ones were refused. */
  readonly renewsCredentials: boolean;
  /** Ends the request, and the body of its response. */
  readonly signal: AbortSignal;
}

/** What an apiserver answers, whether it is good or an error. */
export interface ApiserverResponse {
  /** Of HTTP. */
  readonly status: number;
  /** What the header `Retry-After` says, in ms. */
  readonly retryAfterMs: number | undefined;
  /** To be read to its end, or given up by the request's signal. */
  readonly body: AsyncIterable<Uint8Array>;
}

/** Reads from an apiserver. */
export interface ApiserverClient {
  /** Answers with any status. Rejects when there is no answer, or the signal is aborted; after that, the body ends with an error. */
  get(request: ApiserverRequest): Promise<ApiserverResponse>;
}

export interface ApiserverRequest {
  /** Such as `/api/v1/services`. */
  readonly path: string;
  readonly query: Readonly<Record<string, string>>;
  /** In which form the answer is wanted: the header `Accept`. */
  readonly accept: string;
  /** Whether tokens and certificates are to be read anew, because the last ones were refused. */
  readonly renewsCredentials: boolean;
  readonly signal: AbortSignal;
}

export interface ApiserverResponse {
  readonly status: number;
  /** What the header `Retry-After` says. */
  readonly retryAfterMs: number | undefined;
  /** Read to its end, or given up by the signal. */
  readonly body: AsyncIterable<Uint8Array>;
}

import type { AdsRequest, AdsResponse, AdsVariant } from "./ads-event.ts";

/** Carries aggregated streams to one control plane. Whoever makes it knows of connections and protocols; nobody here does. */
export interface AdsChannel {
  /**
   * Opens a stream. It asks for the first request once it can be sent, ends when the server ends it or the signal aborts, and throws
   * what it failed for.
   */
  open(variant: AdsVariant, requests: AsyncIterable<AdsRequest>, signal: AbortSignal): AsyncIterable<AdsResponse>;
  /** Whether that is what a stream failed for: the server does not know the variant. */
  isUnimplemented(error: unknown): boolean;
  close(): Promise<void>;
}

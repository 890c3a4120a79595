import { setTimeout as delay } from "node:timers/promises";
import type { HandlerContext } from "@connectrpc/connect";
import { appendHeaders } from "./headers.ts";
import type { ResponseMetadata } from "./messages.ts";

/** Sets the headers and trailers of a response. */
export function setMetadata(metadata: ResponseMetadata | undefined, { responseHeader, responseTrailer }: HandlerContext): void {
  appendHeaders(responseHeader, metadata?.responseHeaders ?? []);
  appendHeaders(responseTrailer, metadata?.responseTrailers ?? []);
}

/** Takes as long as a response is to take, or until the call is over. */
export async function pause(metadata: ResponseMetadata | undefined, { signal }: HandlerContext): Promise<void> {
  if (metadata === undefined || metadata.responseDelayMs === 0) return;
  await delay(metadata.responseDelayMs, undefined, { signal }).catch(() => signal.throwIfAborted());
}

import type { ClientHttp2Session } from "node:http2";
import type { Clock } from "../../clock.ts";
import { controlFrameLimit, FloodMeter } from "../../flood-meter.ts";

/** What Node.js shows of a server's frames and does not bound itself. `stream` would be a push, which our settings forbid. */
const events = ["ping", "remoteSettings", "goaway", "altsvc", "origin"] as const;

/**
 * Notices a server that floods its client with frames that belong to no answer (CVE-2019-9512, -9515, CVE-2026-48619 and their kin).
 *
 * @param onFlood called for every frame beyond the limit, with one sentence
 * @returns what counts the informational responses (1xx) of the session's streams
 */
export function countFrames(native: ClientHttp2Session, clock: Clock, onFlood: (reason: string) => void): () => void {
  const meter = new FloodMeter(controlFrameLimit, clock.now());
  const counting = (what: string) => () => {
    if (!meter.allows(clock.now())) onFlood(`the server floods us with HTTP/2 frames (${what})`);
  };
  for (const event of events) native.on(event, counting(event));
  return counting("informational responses");
}

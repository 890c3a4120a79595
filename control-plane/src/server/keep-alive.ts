import type { ServerHttp2Session } from "node:http2";
import type { Clock, Timer } from "../clock.ts";

const intervalMs = 30_000;

/** Destroys a connection whose client has vanished without a word: one that does not answer a ping before the next one is due. */
export function keepAlive(session: ServerHttp2Session, clock: Clock): void {
  let isAnswered = true;
  let timer: Timer;
  const check = () => {
    if (session.destroyed) return;
    if (!isAnswered) return session.destroy();
    isAnswered = false;
    // False where too many are under way, which is no answer either.
    session.ping((error) => {
      isAnswered = error === null;
    });
    timer = clock.after(intervalMs, check);
  };
  timer = clock.after(intervalMs, check);
  session.on("close", () => timer.cancel());
}

import { EventEmitter } from "node:events";
import type { ServerHttp2Session } from "node:http2";
import { manualClock } from "meshless/testing";
import { expect, test } from "vitest";
import { keepAlive } from "./keep-alive.ts";

/** A connection whose client answers pings, or doesn't. */
class FakeSession extends EventEmitter {
  destroyed = false;
  pings = 0;
  isAnswering = true;

  ping(answer: (error: Error | null) => void): boolean {
    this.pings++;
    if (this.isAnswering) answer(null);
    return true;
  }

  destroy(): void {
    this.destroyed = true;
    this.emit("close");
  }
}

function watched() {
  const clock = manualClock();
  const session = new FakeSession();
  keepAlive(session as unknown as ServerHttp2Session, clock);
  return { clock, session };
}

test("a connection lives as long as its client answers pings", () => {
  const { clock, session } = watched();
  clock.advance(3_600_000);
  expect([session.pings, session.destroyed]).toEqual([120, false]);
});

test("a connection whose client has vanished is destroyed when the next ping is due, and nothing waits any more", () => {
  const { clock, session } = watched();
  session.isAnswering = false;
  clock.advance(59_999);
  expect(session.destroyed).toBe(false);
  clock.advance(1);
  expect(session.destroyed).toBe(true);
  expect(clock.pending).toBe(0);
});

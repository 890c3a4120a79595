import { EventEmitter } from "node:events";
import type { ServerHttp2Session } from "node:http2";
import { expect, test } from "vitest";
import { manualClock } from "../testing/index.ts";
import { leaveSession } from "./leave-session.ts";

/** A session that notes what is done to it. */
class FakeSession extends EventEmitter {
  readonly log: string[] = [];
  closed = false;
  destroyed = false;

  goaway(code: number, lastStreamId: number): void {
    this.log.push(`goaway ${code} ${lastStreamId}`);
  }

  close(): void {
    this.closed = true;
    this.log.push("close");
  }
}

function leaving() {
  const clock = manualClock();
  const session = new FakeSession();
  const leave = () => leaveSession(session as unknown as ServerHttp2Session, clock);
  leave();
  return { clock, session, leave };
}

test("a session is closed when the first GOAWAY, which refuses nothing, has had time to go out", () => {
  const { clock, session } = leaving();
  clock.advance(99);
  expect(session.log).toEqual(["goaway 0 2147483647"]);
  clock.advance(1);
  expect(session.log).toEqual(["goaway 0 2147483647", "close"]);
});

test("a session that goes meanwhile leaves nothing behind", () => {
  const { clock, session } = leaving();
  session.emit("close");
  expect(clock.pending).toBe(0);
});

test.each(["closed", "destroyed"] as const)("a session that is %s is told nothing", (state) => {
  const { clock, session, leave } = leaving();
  clock.advance(100);
  session.log.length = 0;
  session[state] = true;
  leave();
  expect([session.log, clock.pending]).toEqual([[], 0]);
});

import { expect, test } from "vitest";
import { manualClock } from "../../src/testing/manual-clock.ts";
import { testEndpoint } from "../../src/testing/test-endpoint.ts";
import { PartingSockets, partingMs } from "../../src/transport/sessions/parting-sockets.ts";
import { Session, type SessionEnd } from "../../src/transport/sessions/session.ts";
import { defaultSessionOptions } from "../../src/transport/sessions/session-options.ts";
import { FakeNetwork } from "./fake-network.ts";

const ignore = () => {};

test("a connection that broke, and whose socket never closes, is given up at the next ping, and the socket soon after", () => {
  const clock = manualClock();
  const network = new FakeNetwork(() => clock.now(), { onDial: ignore, onStream: ignore, onSettings: ignore, onLeft: ignore });
  const ends: SessionEnd[] = [];
  const listener = {
    onOpen: ignore,
    onRoom: ignore,
    onPong: ignore,
    onLeaving: ignore,
    onClosed: (_: Session, end: SessionEnd) => ends.push(end),
  };
  const { pingIntervalMs } = defaultSessionOptions;
  const session = new Session(network.dial(testEndpoint()), listener, {
    clock,
    options: defaultSessionOptions,
    pingIntervalMs: () => pingIntervalMs,
    parting: new PartingSockets(clock),
  });
  network.sessions[0]?.sendSettings(1);
  // Its events would follow once the network settles, which it never does here.
  network.sessions[0]?.breakProtocol();
  expect(session.hasRoom()).toBe(false);
  clock.advance(pingIntervalMs);
  expect(ends).toMatchObject([{ cause: "lost", reason: "the connection broke" }]);
  expect(network.sessions[0]?.socket.destroyed).toBe(false);
  clock.advance(partingMs);
  expect(network.sessions[0]?.socket.destroyed).toBe(true);
  expect(clock.pending).toBe(0);
});

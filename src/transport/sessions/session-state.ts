/**
 * The life of one HTTP/2 session, as a table. Sockets and timers live in `session.ts`, a thin shell around it.
 *
 * - `connecting`: until the peer's SETTINGS are here; before them nobody knows how many streams it allows.
 * - `open`: takes new streams, up to the peer's limit.
 * - `draining`: takes no new streams; those that it has may end.
 * - `closed`: over.
 */
export type SessionPhase = "connecting" | "open" | "draining" | "closed";

/**
 * - `settings`: the peer's SETTINGS came (again).
 * - `goaway`: the peer announced that it leaves.
 * - `retire`: we want no more streams: idle for long, or the endpoint departed.
 * - `drained`: the last stream ended.
 * - `lost`: the connection failed, timed out or ended.
 */
export type SessionEvent = "settings" | "goaway" | "retire" | "drained" | "lost";

const transitions: Readonly<Record<SessionPhase, Partial<Record<SessionEvent, SessionPhase>>>> = {
  connecting: { settings: "open", goaway: "draining", retire: "closed", lost: "closed" },
  open: { goaway: "draining", retire: "draining", lost: "closed" },
  draining: { drained: "closed", lost: "closed" },
  closed: {},
};

/** The phase after an event; an event that means nothing in a phase leaves it as it is. */
export function nextPhase(phase: SessionPhase, event: SessionEvent): SessionPhase {
  return transitions[phase][event] ?? phase;
}

/** Whether one more stream may be opened. Above the peer's limit Node.js queues silently, so we never go there. */
export function hasRoom(phase: SessionPhase, streams: number, maxStreams: number): boolean {
  return phase === "open" && streams < maxStreams;
}

import { setImmediate } from "node:timers/promises";
import { answerEcho } from "../support/echo-wire.ts";
import type { RawConnection, RawStream } from "../support/raw-connection.ts";
import { startRawHttp2Server } from "../support/raw-http2-server.ts";
import type { AttackReport } from "./attack.ts";
import { type Flood, pour } from "./flood.ts";
import { type ServerFlood, serverFloods } from "./server-floods.ts";

// A process of its own: serves the first call of each connection, floods at the second, and goes on serving.

const flood: Flood = serverFloods[process.argv[2] as ServerFlood];
let connections = 0;

async function attack(stream: RawStream): Promise<void> {
  const { id, connection } = stream;
  if (flood.prelude !== undefined) connection.sendBytes(flood.prelude(id));
  const next = flood.frame(id);
  const acknowledged = () => connection.pingsAcked + connection.settingsAcked - before;
  const before = connection.pingsAcked + connection.settingsAcked;
  const bytes = await pour(connection.socket, () => next, flood.acknowledged && acknowledged);
  await taken(connection);
  answerEcho(stream, "from the attacker, at last");
  report({ bytes });
}

/** Resolves once the client has read all that was sent, or closed the connection. */
async function taken(connection: RawConnection): Promise<void> {
  const before = connection.pingsAcked;
  connection.sendPing();
  while (!connection.closed && connection.pingsAcked === before) await setImmediate();
}

function report(message: AttackReport): void {
  process.send?.(message);
}

const server = await startRawHttp2Server({
  onConnection: () => report({ connections: ++connections }),
  onRequestEnd(stream) {
    if (stream.id === 3) void attack(stream);
    else answerEcho(stream, "from the attacker");
  },
});
report({ port: server.port });

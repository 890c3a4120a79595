import { describe, expect, it } from "vitest";
import { manualClock, scriptedSource } from "../../src/testing/index.ts";
import { maxParting, partingMs } from "../../src/transport/sessions/parting-sockets.ts";
import { ResetCode } from "../../src/transport/sessions/reset-code.ts";
import { balancedClient, openStreams, readyClient } from "../support/balanced-client.ts";
import { clientSockets } from "../support/client-sockets.ts";
import { staticTarget } from "../support/echo-fleet.ts";
import { answerEcho } from "../support/echo-wire.ts";
import { endpointsOf } from "../support/endpoints-of.ts";
import { failureOf } from "../support/failure-of.ts";
import { Flag, FrameType, uint32 } from "../support/http2-frame.ts";
import type { RawScript, RawStream } from "../support/raw-connection.ts";
import { startRawHttp2Server } from "../support/raw-http2-server.ts";
import { eventually } from "../support/until.ts";
import { use } from "../support/use.ts";

const answer = (stream: RawStream) => answerEcho(stream, "hello");

async function setUp(script: RawScript) {
  const sockets = clientSockets();
  const clock = manualClock();
  const raw = use(await startRawHttp2Server({ leavesTcpOpen: true, ...script }));
  return { sockets, clock, raw };
}

describe("of a server that never closes its side of a connection", () => {
  it("few sockets stay open, though it sends GOAWAY after each call; none after close()", async () => {
    const { sockets, clock, raw } = await setUp({
      onRequestEnd(stream) {
        answer(stream);
        stream.connection.sendGoaway(stream.id, ResetCode.NO_ERROR);
      },
    });
    const { client, transport } = await readyClient(staticTarget(raw), { clock });
    let most = 0;
    for (let call = 1; call <= 100; call++) {
      await client.update({});
      await raw.until(() => raw.connections.length === call + 1);
      most = Math.max(most, sockets.open);
    }
    expect(sockets.opened).toBe(101);
    expect(most).toBeLessThanOrEqual(maxParting + 2);
    await eventually(() => openStreams(transport) === 0);
    clock.advance(partingMs);
    await eventually(() => sockets.open === 1);
    await transport.close();
    clock.advance(partingMs);
    await eventually(() => sockets.open === 0);
  });

  it("none stays open once it is delisted", async () => {
    const { sockets, clock, raw } = await setUp({ onRequestEnd: answer });
    const source = scriptedSource();
    source.update(endpointsOf(raw));
    const { client, transport } = await readyClient(source, { clock, shrinkGuard: false });
    await client.update({});
    await eventually(() => openStreams(transport) === 0);
    source.update([]);
    clock.advance(partingMs);
    await eventually(() => sockets.open === 0);
  });

  it("none stays open after close(), though it has not read what was sent", async () => {
    const { sockets, clock, raw } = await setUp({
      settings: { initialWindowSize: 2 ** 31 - 1 },
      onConnection: (connection) => connection.sendFrame(FrameType.windowUpdate, Flag.none, 0, uint32(2 ** 31 - 2 ** 16)),
      onHeaders: ({ connection }) => void connection.socket.pause(),
    });
    const { client, transport } = await readyClient(staticTarget(raw), { clock });
    const call = failureOf(client.update({ text: "x".repeat(50_000_000) }));
    await raw.until(() => raw.streams().length === 1);
    const closed = transport.close({ graceMs: 0 });
    clock.advance(0);
    await Promise.all([call, closed]);
    clock.advance(partingMs);
    await eventually(() => sockets.open === 0);
  });

  it("none stays open that has yet to hear a word of HTTP/2", async () => {
    const { sockets, clock, raw } = await setUp({ settings: "silent" });
    const source = scriptedSource();
    source.update(endpointsOf(raw));
    const { transport } = balancedClient(source, { clock });
    await raw.until(() => raw.connections.length === 1);
    await transport.close();
    clock.advance(partingMs);
    await eventually(() => sockets.open === 0);
  });
});

import { once } from "node:events";
import { connect } from "node:net";
import { expect, it } from "vitest";
import { readyClient } from "../support/balanced-client.ts";
import { encodeHeaders } from "../support/hpack.ts";
import { CLIENT_PREFACE, createFrameReader, encodeFrame, Flag, FrameType } from "../support/http2-frame.ts";
import { eventually } from "../support/until.ts";
import { use } from "../support/use.ts";
import { startVictimServer } from "./victim-server.ts";

const hosts = ["a:b", "[::1", "[::1%25eth0]:80", "a:65536", "user@host", "host/path", "a b", "", "%", "1.2.3.4.5", "\u0000", "é"];
const authorities = hosts.flatMap((host) => [host, `${host}:`, `${host}:grpc`]);

it("36 malformed authorities at once, none of which a client library would send, cost other clients no call", async () => {
  const server = await startVictimServer();
  const { client } = await readyClient(`static:///127.0.0.1:${server.port}`);
  const socket = connect(server.port, "127.0.0.1");
  use({ [Symbol.asyncDispose]: async () => void socket.destroy() });
  const answered = new Set<number>();
  const answers = new Set([FrameType.headers, FrameType.rstStream] as number[]);
  socket.on(
    "data",
    createFrameReader(({ type, streamId }) => void (answers.has(type) && answered.add(streamId))),
  );
  await once(socket, "connect");
  socket.write(CLIENT_PREFACE);
  socket.write(encodeFrame({ type: FrameType.settings, flags: Flag.none, streamId: 0, payload: Buffer.alloc(0) }));
  authorities.forEach((authority, place) => {
    const payload = encodeHeaders({
      ":method": "POST",
      ":scheme": "http",
      ":path": "/meshless.testing.v1.EchoService/Update",
      ":authority": authority,
      "content-type": "application/json",
    });
    socket.write(encodeFrame({ type: FrameType.headers, flags: Flag.endHeaders | Flag.endStream, streamId: 2 * place + 1, payload }));
  });
  const calls = Array.from({ length: 100 }, () => client.update({ text: "alive" }));
  for (const { text } of await Promise.all(calls)) expect(text).toBe("alive");
  await eventually(() => answered.size === authorities.length || socket.destroyed);
  expect(server.complaints).toEqual([]);
});

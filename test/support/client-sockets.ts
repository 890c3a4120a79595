import { subscribe, unsubscribe } from "node:diagnostics_channel";
import type { Socket } from "node:net";
import { onTestFinished } from "vitest";

/** Counts the sockets that clients open from now until the end of the test. A server that leaves its side open can't tell. */
export function clientSockets(): { readonly open: number; readonly opened: number } {
  const sockets: Socket[] = [];
  const onSocket = (message: unknown) => void sockets.push((message as { readonly socket: Socket }).socket);
  subscribe("net.client.socket", onSocket);
  onTestFinished(() => void unsubscribe("net.client.socket", onSocket));
  return {
    get open() {
      return sockets.filter((socket) => !socket.destroyed).length;
    },
    get opened() {
      return sockets.length;
    },
  };
}

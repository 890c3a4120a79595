/** Which way the messages go. */
export type Direction = "down" | "up";

/** Whom to call, and with what. */
export interface StreamWire {
  /** Of 127.0.0.1. */
  readonly port: number;
  readonly direction: Direction;
  /** What is in one message. */
  readonly bytes: number;
}

/** Makes one stream of so many messages, and resolves with how many came, to either side. */
export type MakeStream = (messages: number) => Promise<number>;

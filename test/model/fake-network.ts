import type { Endpoint } from "../../src/endpoint.ts";
import type { Dial } from "../../src/transport/sessions/dial.ts";
import { FakeHttp2Session, type FakeHttp2SessionEnv } from "./fake-http2-session.ts";
import type { FakeHttp2Stream } from "./fake-http2-stream.ts";

/** Who hears of the sessions, before the client does. */
export interface NetworkListener
  extends Pick<FakeHttp2SessionEnv, "onStream" | "onSettings" | "onLeft">,
    Partial<Pick<FakeHttp2SessionEnv, "onPing">> {
  onDial(session: FakeHttp2Session): void;
}

/** Every session that a client dialled, and the moment that each message takes. */
export class FakeNetwork {
  readonly sessions: FakeHttp2Session[] = [];
  /** Rules that the client broke. */
  readonly misuses: string[] = [];
  readonly #tasks: (() => void)[] = [];
  readonly #listener: NetworkListener;
  readonly #env: FakeHttp2SessionEnv;

  constructor(nowMs: () => number, listener: NetworkListener) {
    this.#listener = listener;
    this.#env = {
      nowMs,
      later: (task) => this.#tasks.push(task),
      onMisuse: (what) => this.misuses.push(what),
      onPing: (session) => listener.onPing?.(session),
      onStream: (stream) => listener.onStream(stream),
      onSettings: (session) => listener.onSettings(session),
      onLeft: (session) => listener.onLeft(session),
    };
  }

  readonly dial = (endpoint: Endpoint): ReturnType<Dial> => {
    const session = new FakeHttp2Session(endpoint, this.#env);
    this.sessions.push(session);
    this.#listener.onDial(session);
    return session as unknown as ReturnType<Dial>;
  };

  get openStreams(): FakeHttp2Stream[] {
    return this.sessions.flatMap((session) => [...session.openStreams]);
  }

  /** Lets everything happen that is under way, until nothing is. */
  async settle(): Promise<void> {
    await new Promise((resolve) => setImmediate(resolve));
    while (this.#tasks.length > 0) {
      for (const task of this.#tasks.splice(0)) task();
      await new Promise((resolve) => setImmediate(resolve));
    }
  }
}

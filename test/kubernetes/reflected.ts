import { Reflector, type ReflectorOptions } from "../../kubernetes/src/reflector/reflector.ts";
import { type ManualClock, manualClock } from "../../src/testing/manual-clock.ts";
import { seededRandom } from "../../src/testing/seeded-random.ts";
import { ModelApiserver } from "./model-apiserver.ts";

export const collectionPath = "/api/v1/things";

/** For tests: a reflector of a model apiserver in virtual time, and what it tells. */
export class Reflected {
  readonly clock: ManualClock = manualClock();
  readonly apiserver = new ModelApiserver(this.clock);
  /** The copy that an observer has, by uid: the field `text` of each object. */
  readonly copy = new Map<string, string>();
  /** What was told, as texts. */
  readonly heard: string[] = [];
  readonly reflector: Reflector<{ readonly uid: string; readonly text: string }>;

  constructor(seed = 1, options: Partial<ReflectorOptions<unknown>> = {}, prepare: (apiserver: ModelApiserver) => void = () => {}) {
    prepare(this.apiserver);
    const { clock, copy, apiserver } = this;
    this.reflector = new Reflector(
      {
        path: collectionPath,
        client: apiserver,
        clock,
        random: seededRandom(seed),
        ...options,
        read: ({ metadata: { uid }, ...rest }) => ({ uid, text: textOf(rest) }),
      },
      {
        upserted: ({ uid, text }) => {
          copy.set(uid, text);
          this.#tell(`${uid}=${text}`);
        },
        deleted: ({ uid }) => {
          copy.delete(uid);
          this.#tell(`-${uid}`);
        },
        synced: () => this.#tell("synced"),
        trouble: (error) => this.#tell(error === undefined ? "no trouble" : `trouble: ${error.message}`),
      },
    );
  }

  put(uid: string, text: string): void {
    this.apiserver.put(collectionPath, { metadata: { uid }, text });
  }

  delete(uid: string): void {
    this.apiserver.delete(collectionPath, uid);
  }

  /** What should be in the copy. */
  expected(): ReadonlyMap<string, string> {
    return new Map([...this.apiserver.objects(collectionPath)].map(([uid, { text }]) => [uid, `${text}`]));
  }

  /** Lets time pass, and all that comes of it happen. */
  async pass(ms: number, stepMs = 1_000): Promise<void> {
    for (let leftMs = ms; leftMs > 0; leftMs -= stepMs) {
      this.clock.advance(Math.min(stepMs, leftMs));
      await this.turn();
    }
  }

  /** Lets happen what needs no time. */
  turn(): Promise<void> {
    return new Promise((resolve) => setImmediate(resolve));
  }

  /** What was told since the last time. */
  async told(): Promise<readonly string[]> {
    await this.turn();
    return this.heard.splice(0);
  }

  /** What was asked since the last time. */
  asked(): readonly string[] {
    return this.apiserver.asked.splice(0);
  }

  #tell(text: string): void {
    this.heard.push(text);
  }
}

function textOf({ text }: { readonly text?: unknown }): string {
  if (typeof text !== "string") throw new TypeError("expected a text");
  return text;
}

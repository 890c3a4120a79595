import type { Clock, Timer } from "../../clock.ts";
import type { AddressRules } from "../address-rules.ts";
import { readBounded } from "../read-bounded.ts";
import { writeAtomically } from "../write-atomically.ts";
import { readSnapshot, type ServiceSnapshot, type SnapshotKey, withSnapshot } from "./snapshot-document.ts";

/** Some 100,000 endpoints. */
const maxBytes = 32 * 1024 * 1024;
/** So long changes are gathered, in ms. */
const settleMs = 200;

/** The last read or write of each file in this process: they take turns, since a write keeps what it finds of other services. */
const turns = new Map<string, Promise<unknown>>();

export interface SnapshotFileOptions {
  /** Absolute. */
  readonly path: string;
  readonly key: SnapshotKey;
  readonly addressRules: AddressRules;
  readonly clock: Clock;
  /** It could not be written. */
  readonly onWriteFailed: (error: unknown) => void;
}

/** A file that keeps what control planes said last, as one of its services sees it. Nothing waits for it to be written. */
export class SnapshotFile {
  readonly path: string;
  readonly #options: SnapshotFileOptions;
  #unwritten: ServiceSnapshot | undefined;
  #timer: Timer | undefined;

  constructor(options: SnapshotFileOptions) {
    this.path = options.path;
    this.#options = options;
  }

  /** @throws whatever is wrong with the file; undefined if there is none */
  async read(): Promise<ServiceSnapshot | undefined> {
    const { key, addressRules } = this.#options;
    const json = await inTurn(this.path, () => readBounded(this.path, maxBytes)).catch(undefinedIfMissing);
    return json === undefined ? undefined : readSnapshot(json, key, addressRules);
  }

  save(snapshot: Omit<ServiceSnapshot, keyof SnapshotKey>): void {
    this.#unwritten = { ...this.#options.key, ...snapshot };
    this.#timer ??= this.#options.clock.after(settleMs, () => this.flush());
  }

  /** Begins to write what is not written yet. */
  flush(): void {
    const snapshot = this.#unwritten;
    this.#timer?.cancel();
    this.#timer = undefined;
    this.#unwritten = undefined;
    if (snapshot !== undefined) inTurn(this.path, () => this.#write(snapshot)).catch(this.#options.onWriteFailed);
  }

  async #write(snapshot: ServiceSnapshot): Promise<void> {
    const before = await readBounded(this.path, maxBytes).catch(() => "");
    const json = withSnapshot(before, snapshot);
    if (Buffer.byteLength(json) > maxBytes) throw new Error(`larger than ${maxBytes} bytes`);
    await writeAtomically(this.path, json);
  }
}

function inTurn<T>(path: string, act: () => Promise<T>): Promise<T> {
  const turn = (turns.get(path) ?? Promise.resolve()).then(act, act);
  turns.set(path, turn);
  const done = () => {
    if (turns.get(path) === turn) turns.delete(path);
  };
  turn.then(done, done);
  return turn;
}

function undefinedIfMissing(error: NodeJS.ErrnoException): undefined {
  if (error.code !== "ENOENT") throw error;
}

import type { Clock, Timer } from "../../clock.ts";
import { fingerprintOf, type Pem, readTlsFiles, type TlsFiles } from "./tls-files.ts";

/** How often files are read, in ms: kubelet takes a minute to bring a new secret, and rotations come hours before an expiry. */
const pollIntervalMs = 10_000;

/** Contents that still change after so long, in ms, are being written. */
const settleMs = 1_000;

export interface TlsFileWatchOptions {
  readonly files: TlsFiles;
  /** What the files held when they were read first. */
  readonly inUse: Pem;
  readonly clock: Clock;
  /** Takes new contents into use, or throws: then the old ones stay. */
  readonly onChange: (pem: Pem) => void;
  /** The files can't be read, or their contents were not taken. Once for the same contents. */
  readonly onError: (error: Error) => void;
}

/**
 * Follows files by reading them. What counts is what they hold, however it came there: by a write, a rename, or a symbolic link on the
 * way, as Kubernetes swaps secrets. New contents count once two readings agree: a certificate and its key are written one after
 * the other, and half a chain of certificates looks whole.
 */
export class TlsFileWatch {
  readonly #options: TlsFileWatchOptions;
  #inUse: string;
  #seen: string;
  #judged: string;
  #timer: Timer | undefined;
  #closed = false;

  constructor(options: TlsFileWatchOptions) {
    this.#options = options;
    this.#inUse = this.#seen = this.#judged = fingerprintOf(options.inUse);
    this.#lookIn(pollIntervalMs);
  }

  close(): void {
    this.#closed = true;
    this.#timer?.cancel();
  }

  #lookIn(delayMs: number): void {
    this.#timer = this.#options.clock.after(delayMs, () => void this.#look());
  }

  async #look(): Promise<void> {
    const reading = await readTlsFiles(this.#options.files).catch((error: Error) => error);
    if (this.#closed) return;
    const print = reading instanceof Error ? reading.message : fingerprintOf(reading);
    const settled = print === this.#seen;
    this.#seen = print;
    if (settled && print !== this.#judged) this.#judge(reading, print);
    this.#lookIn(settled ? pollIntervalMs : settleMs);
  }

  #judge(reading: Pem | Error, print: string): void {
    this.#judged = print;
    if (print === this.#inUse) return;
    try {
      if (reading instanceof Error) throw reading;
      this.#options.onChange(reading);
      this.#inUse = print;
    } catch (error) {
      this.#options.onError(new Error(`${(error as Error).message}; the certificates read before stay in use`, { cause: error }));
    }
  }
}

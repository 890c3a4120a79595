import { SettingId } from "./http2-frame.ts";

const DEFAULT_WINDOW_BYTES = 65_535;

/**
 * What a client still lets its server send, by its flow-control windows.
 *
 * @see https://www.rfc-editor.org/rfc/rfc9113#section-5.2
 */
export class SendWindows {
  #connectionBytes = DEFAULT_WINDOW_BYTES;
  #initialBytes = DEFAULT_WINDOW_BYTES;
  readonly #streamBytes = new Map<number, number>();
  #opened = Promise.withResolvers<void>();

  /** Takes as much as there is, up to `maxBytes` and at least 1; waits while there is nothing. */
  async take(streamId: number, maxBytes: number): Promise<number> {
    for (;;) {
      const bytes = Math.min(maxBytes, this.#connectionBytes, this.#leftOf(streamId));
      if (bytes > 0) {
        this.#connectionBytes -= bytes;
        this.#streamBytes.set(streamId, this.#leftOf(streamId) - bytes);
        return bytes;
      }
      await this.#opened.promise;
    }
  }

  /** @param streamId 0 is the connection itself */
  onWindowUpdate(streamId: number, bytes: number): void {
    if (streamId === 0) this.#connectionBytes += bytes;
    else this.#streamBytes.set(streamId, this.#leftOf(streamId) + bytes);
    this.#wake();
  }

  /** @param payload of a SETTINGS frame: entries of two bytes for the name and four for the value */
  onSettings(payload: Buffer): void {
    for (let at = 0; at < payload.length; at += 6) {
      if (payload.readUInt16BE(at) !== SettingId.initialWindowSize) continue;
      const initialBytes = payload.readUInt32BE(at + 2);
      for (const [id, left] of this.#streamBytes) this.#streamBytes.set(id, left + initialBytes - this.#initialBytes);
      this.#initialBytes = initialBytes;
    }
    this.#wake();
  }

  #leftOf(streamId: number): number {
    return this.#streamBytes.get(streamId) ?? this.#initialBytes;
  }

  #wake(): void {
    this.#opened.resolve();
    this.#opened = Promise.withResolvers();
  }
}

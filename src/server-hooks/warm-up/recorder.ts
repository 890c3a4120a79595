import { type DescMethod, type Message, toBinary } from "@bufbuild/protobuf";
import { base64Encode } from "@bufbuild/protobuf/wire";
import { MethodOptions_IdempotencyLevel as Idempotency } from "@bufbuild/protobuf/wkt";
import { list, optionsOf, required, such, text, whole } from "../../check-options.ts";
import type { Clock } from "../../clock.ts";
import { writeAtomically } from "../../discovery/write-atomically.ts";
import { isObject } from "../../is-object.ts";
import { checkRandom, type RandomSource, randomIndex } from "../../random-source.ts";
import { nameOf, type RecordedCall, writeRecording } from "./recording.ts";
import { redact } from "./redact.ts";

/** Which requests are kept for the warm-up of the next start. */
export interface RecordingOptions {
  /** Where requests are kept for the next start: read by it, and written while this one serves, for the owner alone. Its folder has to be there. */
  readonly file: string;
  /** Whose requests are kept, beside methods that declare `NO_SIDE_EFFECTS`: whatever they do, they do at each start, many times. Default: none. */
  readonly methods?: readonly DescMethod[] | undefined;
  /** Names of fields that are left out wherever they occur, beside those with the option `debug_redact` and what is of type Any. Default: none. */
  readonly redact?: readonly string[] | undefined;
  /** At most so many requests of each method are kept, a whole number, 1 or more. Default 20. */
  readonly maxCallsPerMethod?: number | undefined;
  /** At most so many bytes of requests are kept, a whole number, 1 or more; of one request, a tenth of it. Default 1 MiB. */
  readonly maxBytes?: number | undefined;
  /** Chance, by which requests are chosen. Default: `Math.random`. */
  readonly random?: RandomSource | undefined;
}

export const checkRecording = optionsOf<RecordingOptions>({
  file: required(such("the path of a file", (value) => typeof value === "string" && value !== "")),
  methods: list(
    "a list of methods",
    such<DescMethod>("a method, such as CheckoutService.method.pay", (value) => isObject(value) && value.kind === "rpc"),
  ),
  redact: list("a list of names of fields", text),
  maxCallsPerMethod: whole(1),
  maxBytes: whole(1),
  random: checkRandom,
});

export const defaultMaxBytes = 1_048_576;
const writeEveryMs = 60_000;

/** Those of one method: each of its requests is as likely to be among them as any other, however many there were. */
interface Reservoir {
  readonly name: string;
  readonly isOpen: boolean;
  seen: number;
  readonly kept: { readonly call: RecordedCall; readonly bytes: number }[];
}

/** Keeps a few requests of each method, without headers, and writes them to a file. */
export class Recorder {
  readonly #options: RecordingOptions;
  readonly #clock: Clock;
  readonly #onError: (error: unknown) => void;
  readonly #methods: ReadonlySet<string>;
  readonly #redacted: ReadonlySet<string>;
  readonly #reservoirs = new Map<DescMethod, Reservoir>();
  #bytes = 0;
  #isWriteDue = false;

  constructor(options: RecordingOptions, clock: Clock, onError: (error: unknown) => void) {
    this.#options = options;
    this.#clock = clock;
    this.#onError = onError;
    this.#methods = new Set((options.methods ?? []).map(nameOf));
    this.#redacted = new Set(options.redact);
  }

  /** Perhaps keeps a request. */
  note(method: DescMethod, message: Message): void {
    const reservoir = this.#reservoirOf(method);
    if (!reservoir.isOpen) return;
    const { maxCallsPerMethod = 20, random = Math.random } = this.#options;
    const place = randomIndex(random, ++reservoir.seen);
    if (reservoir.kept.length < maxCallsPerMethod) this.#keep(reservoir, reservoir.kept.length, method, message);
    else if (place < maxCallsPerMethod) this.#keep(reservoir, place, method, message);
  }

  /** Writes what there is, if there is any. */
  async flush(): Promise<void> {
    this.#isWriteDue = false;
    const calls = [...this.#reservoirs.values()].flatMap(({ kept }) => kept.map(({ call }) => call));
    if (calls.length > 0) await writeAtomically(this.#options.file, writeRecording(calls)).catch(this.#onError);
  }

  #reservoirOf(method: DescMethod): Reservoir {
    const known = this.#reservoirs.get(method);
    if (known !== undefined) return known;
    const name = nameOf(method);
    const isOpen = method.idempotency === Idempotency.NO_SIDE_EFFECTS || this.#methods.has(name);
    const reservoir: Reservoir = { name, isOpen, seen: 0, kept: [] };
    this.#reservoirs.set(method, reservoir);
    return reservoir;
  }

  #keep({ name, kept }: Reservoir, place: number, method: DescMethod, message: Message): void {
    const { maxBytes = defaultMaxBytes } = this.#options;
    const bytes = toBinary(method.input, redact(method.input, message, this.#redacted), { writeUnknownFields: false });
    const before = kept[place]?.bytes ?? 0;
    if (bytes.length > maxBytes / 10 || this.#bytes - before + bytes.length > maxBytes) return;
    this.#bytes += bytes.length - before;
    kept[place] = { call: { method: name, request: base64Encode(bytes) }, bytes: bytes.length };
    if (this.#isWriteDue) return;
    this.#isWriteDue = true;
    this.#clock.after(writeEveryMs, () => this.flush());
  }
}

import { type ByteEdit, byteEdits, sizeOf } from "./byte-edits.ts";

/** One state of a resource. */
interface State {
  readonly version: string;
  readonly bytes: Buffer;
}

interface Step {
  readonly from: string;
  readonly edits: readonly ByteEdit[];
}

/** Who is further behind is sent all of it. */
const maxSteps = 32;
/** Of a resource's bytes: with more than that, it had better be sent whole. */
const maxShare = 1 / 4;

/** How a resource came to be as it is, as far back as it takes few bytes to tell. */
export class EditHistory {
  static readonly none = new EditHistory([]);
  /** The last one is the newest. */
  readonly #steps: readonly Step[];

  private constructor(steps: readonly Step[]) {
    this.#steps = steps;
  }

  /** What made the present state of an earlier one, one change after the other. Undefined where that is not known. */
  since(version: string): readonly (readonly ByteEdit[])[] | undefined {
    const first = this.#steps.findLastIndex(({ from }) => from === version);
    return first < 0 ? undefined : this.#steps.slice(first).map(({ edits }) => edits);
  }

  /** @param before the state that this history leads to */
  next(before: State, now: State): EditHistory {
    if (before.version === now.version) return this;
    let room = now.bytes.length * maxShare;
    const edits = byteEdits(before.bytes, now.bytes, room);
    if (edits === undefined) return EditHistory.none;
    const all = [...this.#steps, { from: before.version, edits }].slice(-maxSteps);
    const tooOld = all.findLastIndex((step) => {
      room -= sizeOf(step.edits);
      return room < 0;
    });
    return new EditHistory(all.slice(tooOld + 1));
  }
}

import { useSignal } from "@preact/signals";
import type { RefObject } from "preact";
import { useEffect, useRef } from "preact/hooks";

/** As the style has it, border included. */
export const rowHeight = 28;
/** Rows that are made beyond those that can be seen, for who scrolls. */
const margin = 20;
/** So few are made all at once. */
const fewRows = 100;

export interface VisibleRows {
  /** For the body of the table. */
  readonly body: RefObject<HTMLTableSectionElement | null>;
  readonly first: number;
  /** The one after the last. */
  readonly end: number;
}

/** Which of so many rows there should be now: all others would be drawn each second for nobody. */
export function useVisibleRows(total: number): VisibleRows {
  const body = useRef<HTMLTableSectionElement>(null);
  /** The part of the window above and below the first row. */
  const view = useSignal({ above: 0, height: 0 });
  useEffect(() => {
    const look = () => {
      view.value = { above: Math.max(0, -(body.current?.getBoundingClientRect().top ?? 0)), height: innerHeight };
    };
    look();
    addEventListener("scroll", look, { passive: true });
    addEventListener("resize", look);
    return () => {
      removeEventListener("scroll", look);
      removeEventListener("resize", look);
    };
  }, []);
  if (total <= fewRows) return { body, first: 0, end: total };
  const { above, height } = view.value;
  const first = Math.max(0, Math.min(total, Math.floor(above / rowHeight)) - margin);
  return { body, first, end: Math.min(total, Math.ceil((above + height) / rowHeight) + margin) };
}

import type { Notice } from "../notice.ts";

const warned = new Set<Notice["code"]>();

/** Warns the process of the first notice of each code: for those who gave no logger, and would not hear of it. */
export function warnOnce({ code, message }: Notice): void {
  if (warned.has(code)) return;
  warned.add(code);
  process.emitWarning(message, { type: "MeshlessWarning", code });
}

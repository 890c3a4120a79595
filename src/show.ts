const maxLength = 80;

/** A value as an error shows it. */
export function show(value: unknown): string {
  if (value === undefined) return "nothing";
  if (typeof value === "function") return "a function";
  if (value instanceof Promise) return "a promise";
  // As JSON, NaN and the infinities would be null.
  const text = typeof value === "number" ? String(value) : jsonOf(value);
  return text.length > maxLength ? `${text.slice(0, maxLength)}…` : text;
}

function jsonOf(value: unknown): string {
  try {
    return JSON.stringify(value) ?? typeof value;
  } catch {
    // A circular object, or a bigint.
    return typeof value === "bigint" ? String(value) : "an object";
  }
}

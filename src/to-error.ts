/** What was thrown or handed over as an error, as one: JavaScript lets anything be thrown. */
export function toError(thrown: unknown): Error {
  return thrown instanceof Error ? thrown : new Error(textOf(thrown), { cause: thrown });
}

function textOf(thrown: unknown): string {
  try {
    return String(thrown);
  } catch {
    return "something that has no text";
  }
}

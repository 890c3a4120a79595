/** DNS answered, and had nothing. */
export function noData(): Error {
  return Object.assign(new Error("no records"), { code: "ENODATA" });
}

/** The error of an SRV answer whose targets could not all be looked up. */
export function targetFailure(name: string, failed: readonly { readonly target: string; readonly cause: unknown }[], total: number): Error {
  const causes = failed.map(({ target, cause }) => `${target}: ${codeOf(cause)}`).sort();
  const shown = causes.length > 3 ? [...causes.slice(0, 3), "…"] : causes;
  return new Error(`dns: ${failed.length} of the ${total} targets of SRV ${name} not found (${shown.join(", ")}); do these hosts exist?`);
}

/** The error of a look-up that takes too long. */
export function lateAnswer(name: string, afterMs: number): Error {
  return new Error(`dns: ${name} is not answered after ${afterMs} ms; is the DNS server reachable?`);
}

/** The error of a look-up that failed: what was tried, and what to do. */
export function lookUpFailure(what: string, cause: unknown, whenMissing: string): Error {
  const code = codeOf(cause);
  if (code === "ENOTFOUND") return new Error(`dns: ${what} not found (${code}); ${whenMissing}`, { cause });
  if (code === "ENODATA") return new Error(`dns: ${what} has no records (${code}); ${whenMissing}`, { cause });
  return new Error(`dns: ${what} could not be looked up (${code}); is the DNS server reachable?`, { cause });
}

function codeOf(cause: unknown): string {
  if (!(cause instanceof Error)) return String(cause);
  return "code" in cause ? String(cause.code) : cause.message;
}

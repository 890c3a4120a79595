/** How long a test waits for what must happen, in ms. Far above what a healthy run takes: it only bounds a hang. */
const LIMIT_MS = 5_000;

/** Lets tests wait for a state without polling: whoever owns the state announces each change. */
export class Changes {
  readonly #checks = new Set<() => void>();

  /** To be called after every change. */
  announce(): void {
    for (const check of this.#checks) check();
  }

  /** Resolves once the condition holds. Rejects after 5 s, quoting the condition. */
  until(condition: () => boolean): Promise<void> {
    if (condition()) return Promise.resolve();
    return new Promise((resolve, reject) => {
      const settle = (act: () => void) => {
        clearTimeout(limit);
        this.#checks.delete(check);
        act();
      };
      const check = () => {
        if (condition()) settle(resolve);
      };
      const limit = setTimeout(() => settle(() => reject(waitedInVain(condition))), LIMIT_MS);
      this.#checks.add(check);
    });
  }
}

/**
 * Resolves once the condition holds, looking again at every turn of the event loop. For state that announces nothing;
 * rejects after 5 s, quoting the condition.
 */
export async function eventually(condition: () => boolean): Promise<void> {
  const endsAtMs = performance.now() + LIMIT_MS;
  while (!condition()) {
    if (performance.now() > endsAtMs) throw waitedInVain(condition);
    await new Promise((resolve) => setImmediate(resolve));
  }
}

function waitedInVain(condition: () => boolean): Error {
  return new Error(`waited ${LIMIT_MS} ms in vain for: ${condition.toString()}`);
}

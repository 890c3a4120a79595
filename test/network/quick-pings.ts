/** Session options that notice a dead peer soon, and leave a live one on a busy machine the time to answer. */
export const quickPings = { pingIntervalMs: 200, pingTimeoutMs: 1_000 };

/** Why a session ends whose peer says nothing. */
export const noAnswer = `no answer to a ping within ${quickPings.pingTimeoutMs} ms`;

// What queueing theory knows in closed form: the simulator is held against it, and policies against its limits. Times are in the unit of
// the mean service time that they are given; `load` is the busy share of capacity, 0 to 1.

/**
 * Chance that a call has to wait in an M/M/k queue (Erlang C). `offered` is arrival rate times service time, in servers, below `servers`.
 */
export function erlangC(servers: number, offered: number): number {
  let blocked = 1;
  for (let busy = 1; busy <= servers; busy += 1) blocked = (offered * blocked) / (busy + offered * blocked);
  return blocked / (1 - (offered / servers) * (1 - blocked));
}

/**
 * Mean wait in an M/M/k queue. Its mean time in the system is also that of M/M/k with processor sharing, where nobody waits and all slow
 * down.
 */
export function meanWait(servers: number, load: number, serviceTime = 1): number {
  return (erlangC(servers, load * servers) * serviceTime) / (servers * (1 - load));
}

/** Quantile, 0 to 1, of the wait in an M/M/k queue, first come first served. */
export function waitQuantile(servers: number, load: number, quantile: number, serviceTime = 1): number {
  const waits = erlangC(servers, load * servers);
  return Math.max(0, (Math.log(waits / (1 - quantile)) * serviceTime) / (servers * (1 - load)));
}

/** Mean time that work of size `work` takes in M/G/1 with processor sharing, whatever the other calls' sizes. */
export function processorSharingTime(work: number, load: number): number {
  return work / (1 - load);
}

/**
 * Mean time in a large fleet of M/M/1 servers where each call joins the shortest of `choices` queues (Mitzenmacher's and Vvedenskaya's
 * supermarket model).
 */
export function supermarketTime(choices: number, load: number, serviceTime = 1): number {
  if (choices === 1) return serviceTime / (1 - load);
  let time = 0;
  for (let level = 1, term = 1; term > 1e-15; level += 1) {
    term = load ** ((choices ** level - choices) / (choices - 1));
    time += term;
  }
  return time * serviceTime;
}

/** Expected number of balls in the fullest of `bins`, each ball thrown into one at random: exact. */
export function expectedMaxOfBins(balls: number, bins: number): number {
  let expected = 0;
  for (let limit = 0; limit < balls; limit += 1) {
    const above = 1 - chanceNoneAbove(limit, balls, bins);
    expected += above;
    if (above < 1e-12 && limit > balls / bins) break;
  }
  return expected;
}

/**
 * Bins are independent Poisson variables on condition of their sum: a truncated Poisson, convolved with itself, against the Poisson of the
 * whole.
 */
function chanceNoneAbove(limit: number, balls: number, bins: number): number {
  const bin = poisson(balls / bins, limit);
  let sum: readonly number[] = [1];
  for (let added = 0; added < bins; added += 1) sum = convolve(sum, bin, balls);
  return (sum[balls] ?? 0) / (poisson(balls, balls)[balls] as number);
}

/** Chances of 0 to `limit` by a Poisson distribution. */
function poisson(mean: number, limit: number): readonly number[] {
  const chances = [Math.exp(-mean)];
  for (let count = 1; count <= limit; count += 1) chances.push(((chances[count - 1] as number) * mean) / count);
  return chances;
}

/** The distribution of a sum, up to `limit`. */
function convolve(one: readonly number[], other: readonly number[], limit: number): readonly number[] {
  const sum = new Array<number>(Math.min(one.length + other.length - 1, limit + 1)).fill(0);
  for (const [a, chance] of one.entries()) {
    for (let b = 0; b < other.length && a + b < sum.length; b += 1) (sum[a + b] as number) += chance * (other[b] as number);
  }
  return sum;
}

/** Memory of the reported utilization, in ms. */
const REPORT_MEMORY_MS = 1000;

/** How busy a server is: as time with work, for the results, and as it says in its reports. */
export class BusyMeter {
  #busyMs = 0;
  #smoothed = 0;
  #atMs: number;
  #jobs = 0;
  #cores: number;

  constructor(cores: number, nowMs: number) {
    this.#cores = cores;
    this.#atMs = nowMs;
  }

  /** From now on, so many jobs share so many cores. */
  set(jobs: number, cores: number, nowMs: number): void {
    this.#advance(nowMs);
    this.#jobs = jobs;
    this.#cores = cores;
  }

  /** The time in which it was busy, until now; with half of the cores in use, half of the time. */
  busyMs(nowMs: number): number {
    this.#advance(nowMs);
    return this.#busyMs;
  }

  /** Jobs per core, averaged over about the last second. Above 1 when there are more jobs than cores. */
  utilization(nowMs: number): number {
    this.#advance(nowMs);
    return this.#smoothed;
  }

  #advance(nowMs: number): void {
    const passedMs = nowMs - this.#atMs;
    if (passedMs <= 0) return;
    const load = this.#jobs / this.#cores;
    this.#busyMs += passedMs * Math.min(1, load);
    this.#smoothed = load + (this.#smoothed - load) * Math.exp(-passedMs / REPORT_MEMORY_MS);
    this.#atMs = nowMs;
  }
}

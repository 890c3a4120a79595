import type { WriteStream } from "node:tty";
import type { Progress } from "./run-suite.ts";

/** Where progress is told: a terminal keeps one line that changes, anything else gets a line for every tenth of the work. */
export type ProgressStream = Pick<WriteStream, "write"> & Partial<Pick<WriteStream, "isTTY" | "columns">>;

/** @param elapsedMs since the start of the run */
export function progressLine(stream: ProgressStream, elapsedMs: () => number): (progress: Progress) => void {
  let tenthsTold = -1;
  return (progress) => {
    const isOver = progress.done === progress.jobs;
    if (stream.isTTY) {
      const line = textOf(progress, elapsedMs()).slice(0, (stream.columns ?? 80) - 1);
      stream.write(`\r\x1b[K${isOver ? "" : line}`);
      return;
    }
    const tenths = Math.floor(progress.share * 10);
    if (tenths === tenthsTold) return;
    tenthsTold = tenths;
    stream.write(`${textOf(progress, elapsedMs())}\n`);
  };
}

function textOf({ done, jobs, share, last = "" }: Progress, elapsedMs: number): string {
  const left = share > 0 ? ` · about ${minutes((elapsedMs * (1 - share)) / share)} left` : "";
  return `${done} of ${jobs} runs · ${Math.floor(share * 100)} %${left}${last && ` · ${last}`}`;
}

function minutes(ms: number): string {
  const seconds = Math.ceil(ms / 1000);
  return `${Math.floor(seconds / 60)}:${`${seconds % 60}`.padStart(2, "0")}`;
}

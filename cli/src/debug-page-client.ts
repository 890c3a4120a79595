import type { DebugSnapshot } from "meshless/debug";
import { CommandFailure, exitCodes } from "./environment.ts";

const patienceMs = 5_000;

/**
 * What the page of a process answers.
 *
 * @param page as `http://127.0.0.1:9990/`
 * @throws CommandFailure where there is none
 */
export async function readSnapshot(page: string, place: number): Promise<DebugSnapshot> {
  const url = URL.canParse("snapshot.json", page) ? new URL(`snapshot.json?transport=${place}`, page) : undefined;
  if (url === undefined)
    throw new CommandFailure(exitCodes.misused, `--page ${page}: expected the address of a page, such as http://127.0.0.1:9990/`);
  const response = await fetch(url, { signal: AbortSignal.timeout(patienceMs) }).catch(({ message, cause }: Error) => {
    const why = cause instanceof Error ? cause.message : message;
    throw new CommandFailure(exitCodes.silent, `no page at ${page}: ${why}; does the process call serveDebugPage(), and is this its port?`);
  });
  if (response.status === 404) throw new CommandFailure(exitCodes.misused, `--transport ${place}: the process has fewer transports`);
  if (!response.ok) throw new CommandFailure(exitCodes.silent, `${page} answers ${response.status}: ${(await response.text()).trim()}`);
  return (await response.json()) as DebugSnapshot;
}

import type { ControlPlaneFigures } from "./figures.ts";

/** For people. */
export function table({ changes, streams, restarts, slowReaders }: ControlPlaneFigures): string {
  return [
    "one endpoint changes, until the picker of each client knows it",
    row("", ["endpoints", "clients", "p50", "p99", "max", "quickest", "CPU: plane", "client", "bytes"]),
    ...changes.map(({ endpoints, clients, p50Ms, p99Ms, maxMs, quickestMs, planeCpuMsPerChange, clientCpuMsPerUpdate, bytesPerUpdate }) =>
      row("", [
        endpoints,
        clients,
        ms(p50Ms),
        ms(p99Ms),
        ms(maxMs),
        ms(quickestMs),
        ms(planeCpuMsPerChange),
        ms(clientCpuMsPerUpdate),
        bytesPerUpdate,
      ]),
    ),
    "",
    `${streams.streams} streams at once, each for ${streams.servicesEach} of ${streams.services} services with ${streams.endpointsEach} endpoints`,
    row("all are in after", [ms(streams.allInMs)]),
    row("to open one", [ms(streams.cpuMsToOpenOne), "of CPU", streams.firstResponseBytes, "bytes"]),
    row("each holds", [streams.heapBytesEach, "bytes", streams.rssBytesEach, "of RSS"]),
    row("an endpoint holds", [streams.heapBytesPerEndpoint, "bytes"]),
    row("a change is there", [ms(streams.p50Ms), "at p50", ms(streams.p99Ms), "at p99"]),
    row("an update takes", [`${streams.cpuUsPerUpdate.toFixed(0)} µs`, "of CPU", streams.bytesPerUpdate, "bytes"]),
    "",
    "the control plane is killed and comes back",
    row("", ["clients", "down", "attempts", "in 100 ms", "back after"]),
    ...restarts.map(({ clients, downMs, attempts, peakShare, backAfterMs }) =>
      row("", [clients, ms(downMs), attempts, `${(peakShare * 100).toFixed(1)} %`, ms(backAfterMs)]),
    ),
    "",
    `${slowReaders.readers} clients that do not read, ${slowReaders.changes} changes of ${slowReaders.endpoints} endpoints`,
    row("each holds", [slowReaders.heapBytesEach, "bytes", "of", slowReaders.updateBytes, "a response"]),
    row("read on, it gets", [slowReaders.responsesEach, "responses"]),
  ].join("\n");
}

function row(name: string, cells: readonly (string | number)[]): string {
  const texts = cells.map((cell) => (typeof cell === "number" ? whole(cell) : cell).padStart(11));
  return `  ${name.padEnd(18)}${texts.join("")}`;
}

function whole(value: number): string {
  return Math.round(value).toLocaleString("en");
}

function ms(value: number): string {
  return `${value.toFixed(value < 10 ? 2 : value < 100 ? 1 : 0)} ms`;
}

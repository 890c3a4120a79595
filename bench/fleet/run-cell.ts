import { Child } from "../../demo/child.ts";
import { alikeIn, type Cell, weightsOf } from "./cell.ts";
import type { ClientCommand, ClientOrder, ClientReport } from "./client.ts";
import type { ContenderName } from "./contenders.ts";
import { type Figures, figuresOf } from "./figures.ts";
import { Fleet } from "./fleet.ts";
import { MachineMeter } from "./machine-meter.ts";

/** Runs one contender on a fleet of fresh processes: the first call is counted as well as the last. */
export async function runCell(cell: Cell, contender: ContenderName, seed: number): Promise<Figures> {
  const fleet = await Fleet.start(cell);
  const clients = await startClients(cell, contender, fleet, seed);
  const meter = new MachineMeter();
  const ownCpu = process.cpuUsage();
  fleet.begin();
  const finished = Promise.all(clients.map((client) => client.nextMessage<ClientReport>()));
  tell(clients, { is: "begin" });
  const replacement = replaceLater(cell, fleet, clients);

  const reports = await finished;
  clearTimeout(replacement);
  const machine = meter.read();
  const { user, system } = process.cpuUsage(ownCpu);
  const servers = await fleet.end();
  await Promise.all(clients.map((client) => client.kill()));
  return figuresOf({
    cell,
    clients: reports.flatMap((report) => (report.is === "finished" ? [report] : [])),
    servers,
    alike: alikeIn(cell),
    weights: weightsOf(cell),
    machine,
    runnerCpuMs: (user + system) / 1000,
  });
}

async function startClients(cell: Cell, contender: ContenderName, fleet: Fleet, seed: number): Promise<readonly Child[]> {
  const { trial, callsPerSecond, clients: count } = cell;
  const clients = Array.from({ length: count }, (_, client) => {
    const order: ClientOrder = {
      contender,
      client,
      endpoints: fleet.endpoints,
      calls: Math.floor((cell.calls + client) / count),
      arrivals: trial.kind === "sequential" ? { pauseMs: trial.pauseMs } : { callsPerSecond: callsPerSecond / count },
      seed: seed * 1_000 + client,
    };
    return new Child(`client-${client}`, new URL("./client.ts", import.meta.url), order);
  });
  await Promise.all(clients.map((client) => client.nextMessage<ClientReport>()));
  return clients;
}

function replaceLater({ trial }: Cell, fleet: Fleet, clients: readonly Child[]): NodeJS.Timeout | undefined {
  if (trial.kind !== "replaced") return;
  return setTimeout(() => tell(clients, { is: "endpoints", endpoints: fleet.endpointsReplaced }), trial.atMs);
}

function tell(clients: readonly Child[], command: ClientCommand): void {
  for (const client of clients) client.send(command);
}

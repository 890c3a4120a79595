import { onParentMessage, readOrder, tellParent } from "../../demo/parent.ts";
import { machineNowMs } from "./machine-time.ts";
import { startPickerClient } from "./picker-client.ts";
import { RawClient } from "./raw-client.ts";
import { servicesOf } from "./services-of.ts";
import { usageNow } from "./usage.ts";

/** Some of the clients, which share a process. */
export interface ClientsOrder {
  readonly port: number;
  /** Whole ones, up to their pickers, of the first service; or streams that take what comes and look at nothing. */
  readonly kind: "picker" | "raw";
  readonly firstId: number;
  readonly count: number;
  /** Of raw ones: the services of each. */
  readonly services: number;
  readonly servicesEach: number;
}

/** How many are to hear of something. When they all have, it is told. */
export interface ClientsCommand {
  readonly is: "expect";
  readonly count: number;
}

export interface ClientsReport {
  /** When each heard of it, in machine time. */
  readonly atMs: readonly number[];
  readonly cpuMs: number;
}

const { port, kind, firstId, count, services, servicesEach } = readOrder<ClientsOrder>();
let expected = count;
let atMs: number[] = [];

function heard(): void {
  atMs.push(machineNowMs());
  tellWhenAll();
}

function tellWhenAll(): void {
  if (atMs.length < expected) return;
  tellParent<ClientsReport>({ atMs, cpuMs: usageNow(false).cpuMs });
  atMs = [];
  expected = Number.POSITIVE_INFINITY;
}

function start(index: number): void {
  const id = `client-${firstId + index}`;
  if (kind === "picker") return startPickerClient({ port, id, service: "s0.bench:80", onKnown: heard });
  const names = servicesOf(firstId + index, servicesEach, services).map((service) => `s${service}.bench:80`);
  new RawClient(port).subscribe(id, names, heard);
}

onParentMessage<ClientsCommand>((command) => {
  expected = command.count;
  tellWhenAll();
});
for (let index = 0; index < count; index++) start(index);

import type { AddCommand } from "../add-command.ts";
import { CommandFailure, exitCodes, painter } from "../environment.ts";
import { type Column, tableText } from "../table.ts";
import { addTargetOptions, assertKnown, openTarget, settled, type TargetOptions } from "../target-options.ts";
import { count, nothing, plain } from "../words.ts";

interface XdsOptions extends TargetOptions {
  readonly admin?: string;
}

/** What CSDS says of one client and one resource. */
interface ClientRow {
  readonly client: string;
  readonly type: string;
  readonly version: string;
  readonly status: string;
  readonly refusal: string;
}

/** What a control plane serves of a service: asked as a client would, and who has it in which version. */
export const xdsCommand: AddCommand = (program, environment, ended) => {
  addTargetOptions(program.command("xds").argument("<service>", "such as checkout.shop:8080"))
    .description("shows what a control plane serves of a service, and which clients have it")
    .option("--admin <address>", "of the control plane, such as 127.0.0.1:18001: lists its clients of the service, by CSDS")
    .action(async (service: string, options: XdsOptions) => {
      await using transport = openTarget(`xds:///${service}`, options);
      const snapshot = await settled(transport, options, environment);
      const clients = options.admin === undefined ? undefined : await clientsOf(service, options.admin, options.timeout * 1_000);
      if (options.json) environment.out(`${JSON.stringify({ served: snapshot, clients }, undefined, 2)}\n`);
      assertKnown(snapshot);
      ended(clients?.some(({ refusal }) => refusal !== "") ? exitCodes.wrong : exitCodes.well);
      if (options.json) return;
      const paint = painter(environment);
      const {
        endpoints,
        settings: { methods, ...settings },
      } = snapshot;
      const byPlace = Map.groupBy(
        endpoints,
        ({ endpoint: { priority, locality } }) => `${priority} ${locality?.region ?? ""}/${locality?.zone ?? ""}`,
      );
      environment.out(`${plain(service)}: ${endpoints.length} endpoints\n`);
      for (const [place, members] of [...byPlace].sort()) {
        const [priority, locality = "/"] = place.split(" ");
        environment.out(`\n${paint("strong", `priority ${priority}, ${locality === "/" ? "no locality" : plain(locality)}`)}\n`);
        for (const { endpoint } of members) {
          const health = endpoint.health === "healthy" ? "" : paint("warn", `  ${endpoint.health}`);
          environment.out(`  ${plain(`${endpoint.address}:${endpoint.port}`)}  weight ${count(endpoint.weight)}${health}\n`);
        }
      }
      for (const [name, { value, from }] of Object.entries({ ...settings, ...methods })) {
        if (from === "discovery") environment.out(`${name}: ${plain(JSON.stringify(value))}\n`);
      }
      if (clients === undefined) return;
      environment.out(
        `\n${clients.length === 0 ? "no client has it" : tableText(columns, clients, environment.columns(), (head) => paint("muted", head)).join("\n")}\n`,
      );
    });
};

const columns: readonly Column<ClientRow>[] = [
  { name: "CLIENT", cell: ({ client }) => plain(client) },
  { name: "RESOURCE", cell: ({ type }) => plain(type), dispensable: 1 },
  { name: "VERSION", cell: ({ version }) => plain(version), dispensable: 2 },
  { name: "STATUS", cell: ({ status }) => plain(status) },
  { name: "REFUSED, AS", cell: ({ refusal }) => plain(refusal), isElastic: true },
];

interface CsdsAnswer {
  readonly config?: readonly {
    readonly node?: { readonly id?: string };
    readonly genericXdsConfigs?: readonly {
      readonly typeUrl?: string;
      readonly name?: string;
      readonly versionInfo?: string;
      readonly configStatus?: string;
      readonly clientStatus?: string;
      readonly errorState?: { readonly details?: string };
    }[];
  }[];
}

const path = "/envoy.service.status.v3.ClientStatusDiscoveryService/FetchClientStatus";

/** @throws CommandFailure where nobody answers by CSDS */
async function clientsOf(service: string, admin: string, patienceMs: number): Promise<readonly ClientRow[]> {
  const request = { method: "POST", headers: { "content-type": "application/json" }, body: "{}", signal: AbortSignal.timeout(patienceMs) };
  const response = await fetch(`http://${admin}${path}`, request).catch((error: Error) => {
    throw new CommandFailure(
      exitCodes.silent,
      `the admin port ${admin} does not answer: ${String(error.cause ?? error.message)}; it is what --admin of meshless-control-plane names`,
    );
  });
  if (!response.ok)
    throw new CommandFailure(exitCodes.silent, `${admin} answers CSDS with ${response.status}: is this the admin port of a control plane?`);
  const { config = [] } = (await response.json()) as CsdsAnswer;
  return config.flatMap(({ node, genericXdsConfigs = [] }) =>
    genericXdsConfigs
      // A service has more resources, whose names begin with its own.
      .filter(({ name = "" }) => name === service || name.startsWith(`${service}/`))
      .map(({ typeUrl = "", versionInfo = nothing, configStatus = "", clientStatus = "", errorState }) => ({
        client: node?.id ?? "without an id",
        type: typeUrl.split(".").at(-1) ?? "",
        version: versionInfo,
        status: `${configStatus.toLowerCase()}, ${clientStatus.replace("CLIENT_", "").toLowerCase()}`,
        refusal: errorState?.details ?? "",
      })),
  );
}

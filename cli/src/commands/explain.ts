import type { EndpointSnapshot } from "meshless";
import type { AddCommand } from "../add-command.ts";
import { exitCodes, type Paint, painter } from "../environment.ts";
import { likelyShares, obstacleOf } from "../likely-shares.ts";
import { standingText } from "../standing-text.ts";
import { type Column, tableText } from "../table.ts";
import { addTargetOptions, assertKnown, openTarget, settled, type TargetOptions } from "../target-options.ts";
import { nothing, percent, plain } from "../words.ts";

interface ExplainOptions extends TargetOptions {
  readonly shard?: string;
  readonly hashKey?: string;
  readonly policy?: string;
}

interface Row {
  readonly endpoint: EndpointSnapshot;
  /** Why it could not take the call. */
  readonly obstacle: string | undefined;
  readonly share: number;
}

/** Which endpoints could take such a call, which would, and why not the others. */
export const explainCommand: AddCommand = (program, environment, ended) => {
  addTargetOptions(program.command("explain").argument("<target>", "such as dns:///checkout.shop:8080 or xds:///checkout.shop:8080"))
    .description("says which endpoints could take a call, which would, and why not the others")
    .option("--shard <shard>", "of a call that has this hint")
    .option("--hash-key <key>", "of a call that has this hint")
    .option("--policy <name>", "by this policy, such as maglev (default: what discovery says, or else adaptive)")
    .action(async (target: string, options: ExplainOptions) => {
      const { shard, hashKey, policy } = options;
      await using transport = openTarget(target, options);
      const snapshot = await settled(transport, options, environment);
      assertKnown(snapshot);
      const settings =
        policy === undefined
          ? snapshot.settings
          : { ...snapshot.settings, policy: { value: { name: policy }, from: "discovery" as const } };
      const { shares, problem } = likelyShares({ ...snapshot, settings }, { method: "", shard, hashKey }, environment.random);
      const rows = snapshot.endpoints
        .map((endpoint): Row => ({ endpoint, obstacle: obstacleOf(endpoint, shard), share: shares.get(endpoint.endpoint.id) ?? 0 }))
        .sort((one, other) => other.share - one.share);
      ended(problem === undefined ? exitCodes.well : exitCodes.wrong);
      if (options.json) {
        const list = rows.map(({ endpoint, obstacle, share }) => ({ ...endpoint, could: obstacle === undefined, obstacle, share }));
        return environment.out(`${JSON.stringify({ target, problem, settings, endpoints: list }, undefined, 2)}\n`);
      }
      const paint = painter(environment);
      const { value, from } = settings.policy;
      const name = policy ?? (typeof value === "object" && value !== null && "name" in value ? String(value.name) : String(value));
      const who = policy === undefined && from === "discovery" ? ", as discovery says" : "";
      environment.out(
        `${plain(snapshot.target)}: policy ${name}${who}; own zone ${plain(snapshot.zone ?? "not known")}${snapshot.panic ? paint("bad", "; panic") : ""}\n\n`,
      );
      environment.out(`${tableText(columnsFor(paint), rows, environment.columns(), (head) => paint("muted", head)).join("\n")}\n`);
      if (problem !== undefined) environment.out(`\n${paint("bad", "✗")} no endpoint would take it: ${plain(problem)}\n`);
    });
};

function columnsFor(paint: Paint): readonly Column<Row>[] {
  return [
    { name: "ENDPOINT", cell: ({ endpoint }) => plain(endpoint.endpoint.id) },
    { name: "ZONE", cell: ({ endpoint }) => plain(endpoint.endpoint.locality?.zone || nothing), dispensable: 2 },
    { name: "STANDING", cell: ({ endpoint }) => standingText(endpoint, paint), dispensable: 1 },
    { name: "COULD", cell: ({ obstacle }) => (obstacle === undefined ? paint("good", "yes") : paint("warn", "no")) },
    { name: "WOULD", cell: ({ share }) => percent(share), isRight: true },
    { name: "WHY", cell: whyOf, isElastic: true },
  ];
}

function whyOf({ endpoint, obstacle, share }: Row): string {
  if (obstacle !== undefined) return plain(endpoint.lastFailure === undefined ? obstacle : `${obstacle}; ${endpoint.lastFailure}`);
  return share === 0 ? `could, but others are preferred: ${plain(endpoint.reason)}` : plain(endpoint.reason);
}

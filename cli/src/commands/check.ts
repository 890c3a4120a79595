import type { AddCommand } from "../add-command.ts";
import { type Environment, exitCodes, painter } from "../environment.ts";
import type { Finding } from "../finding.ts";
import { type CheckOptions, findings } from "../findings.ts";
import { addTargetOptions } from "../target-options.ts";
import { plain, wrapped } from "../words.ts";

/** Goes from what everything stands on to what it serves, and names the next step for whatever is wrong. */
export const checkCommand: AddCommand = (program, environment, ended) => {
  addTargetOptions(
    program.command("check").argument("[target]", "such as xds:///checkout.shop:8080; without it, the control plane alone is checked"),
  )
    .description("checks what can be wrong between here and the endpoints of a target")
    .option("--admin <address>", "of the control plane, such as 127.0.0.1:18001")
    .action(async (target: string | undefined, options: CheckOptions) => {
      const paint = painter(environment);
      const all: Finding[] = [];
      for await (const finding of findings(target, options, environment)) {
        all.push(finding);
        if (!options.json) environment.out(textOf(finding, environment));
      }
      const count = (status: Finding["status"]) => all.filter((finding) => finding.status === status).length;
      const [failed, remarks] = [count("fail"), count("warn")];
      ended(failed > 0 ? exitCodes.wrong : exitCodes.well);
      if (options.json) return environment.out(`${JSON.stringify({ target, failed, remarks, findings: all }, undefined, 2)}\n`);
      const verdict = failed > 0 ? paint("bad", `${failed} failed`) : paint("good", "all is well");
      environment.out(`\n${verdict}${remarks > 0 ? `, ${remarks} to think about` : ""}\n`);
    });
};

const marks = { ok: "✓", warn: "!", fail: "✗" } as const;
const tones = { ok: "good", warn: "warn", fail: "bad" } as const;

function textOf({ status, name, found, next }: Finding, environment: Environment): string {
  const paint = painter(environment);
  const columns = environment.isTerminal ? environment.columns() : Number.POSITIVE_INFINITY;
  const said = wrapped(`${marks[status]} ${name}: ${plain(found)}`, columns - 2, 2).replace(
    marks[status],
    paint(tones[status], marks[status]),
  );
  if (next === undefined) return `${said}\n`;
  return `${said}\n    ${paint("strong", "→")} ${wrapped(plain(next), columns - 6, 6)}\n`;
}

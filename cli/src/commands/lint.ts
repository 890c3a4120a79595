import { resolve } from "node:path";
import { sourceFor } from "meshless/discovery";
import type { AddCommand } from "../add-command.ts";
import { CommandFailure, exitCodes, painter } from "../environment.ts";
import { type Flaw, flawsOf, type LintedEndpoint } from "../flaws.ts";
import { plain } from "../words.ts";

/** Whether a file of endpoints, or of services, can be used, and what about it is likely a mistake. */
export const lintCommand: AddCommand = (program, environment, ended) => {
  program
    .command("lint")
    .argument("<file>", "JSON of endpoints, as file: targets have it, or YAML of services, as the control plane's registry has it")
    .description("checks a file of endpoints or of services")
    .option("--json", "print data, and no text")
    .action(async (file: string, options: { readonly json?: boolean }) => {
      const services = await read(file);
      const flaws = [...services].flatMap(([service, endpoints]) => flawsOf(service, endpoints));
      ended(flaws.some(({ isError }) => isError) ? exitCodes.wrong : exitCodes.well);
      if (options.json) return environment.out(`${JSON.stringify({ file, flaws }, undefined, 2)}\n`);
      const paint = painter(environment);
      for (const flaw of flaws) environment.out(`${flaw.isError ? paint("bad", "✗") : paint("warn", "!")} ${plain(textOf(flaw))}\n`);
      const total = [...services.values()].reduce((sum, { length }) => sum + length, 0);
      environment.out(
        `${paint(flaws.length === 0 ? "good" : "muted", `${total} endpoints of ${services.size} ${services.size === 1 ? "service" : "services"}, ${flaws.length} remarks`)}\n`,
      );
    });
};

function textOf({ service, problem, next }: Flaw): string {
  return `${service === "" ? "" : `${service}: `}${problem}; ${next}`;
}

type Services = ReadonlyMap<string, readonly LintedEndpoint[]>;

/** @throws CommandFailure that names the line or the field which is wrong */
async function read(file: string): Promise<Services> {
  return /\.ya?ml$/.test(file) ? readServices(file) : new Map([["", await readEndpoints(file)]]);
}

async function readEndpoints(file: string): Promise<readonly LintedEndpoint[]> {
  const { source, name } = sourceFor(`file://${resolve(file)}`);
  return new Promise((resolve, reject) => {
    const watch = source.watch(name, {
      onUpdate(update) {
        watch.close();
        resolve((update.endpoints ?? []).map(({ locality, ...endpoint }) => ({ ...endpoint, zone: locality?.zone ?? "" })));
      },
      onError(error) {
        watch.close();
        reject(new CommandFailure(exitCodes.wrong, error.message));
      },
    });
  });
}

/** As the control plane reads it. */
async function readServices(file: string): Promise<Services> {
  const { fileRegistry } = await import("meshless-control-plane").catch(() => {
    throw new CommandFailure(
      exitCodes.misused,
      `${file} is a file of services, which the control plane reads: install meshless-control-plane beside meshless-cli`,
    );
  });
  const services = new Map<string, readonly LintedEndpoint[]>();
  return new Promise((resolve, reject) => {
    const watch = fileRegistry(file).watch({
      present: ({ name, endpoints }) => services.set(name.text, endpoints),
      gone() {},
      complete() {
        queueMicrotask(() => watch.close());
        resolve(services);
      },
      trouble(error) {
        if (error === undefined) return;
        queueMicrotask(() => watch.close());
        reject(new CommandFailure(exitCodes.wrong, error.message));
      },
    });
  });
}

import { Command, CommanderError, InvalidArgumentError } from "commander";
import { AddressRules } from "meshless/discovery";
import { AccessControl } from "../access/access-control.ts";
import { type ControlPlane, createControlPlane } from "../create-control-plane.ts";
import type { Logger } from "../logger.ts";
import { parseListenAddress } from "../server/listen-address.ts";
import { type AccessOptions, accessOf, addAccessOptions } from "./access-options.ts";
import { resourcesOf } from "./print.ts";
import { addRegistryOptions, apiserverOf, type RegistryOptions, registryOf } from "./registry-options.ts";
import { catalogOfFile, catalogOfRegistry, type ServedCatalog } from "./served-catalog.ts";
import { servedText } from "./validate.ts";

export interface CliEnvironment {
  readonly out: (text: string) => void;
  readonly err: (text: string) => void;
  readonly logger: (level: string) => Logger;
}

interface Options extends RegistryOptions, AccessOptions {
  readonly listen: string;
  readonly admin?: string;
  readonly probes?: string;
  readonly loadReports: number;
  readonly allowAddresses: readonly string[];
  readonly removalGrace: number;
  readonly maxStreams: number;
  readonly maxNewStreams: number;
  readonly logLevel: string;
  readonly validate?: boolean;
  readonly print?: string;
}

/** @returns the control plane that now runs, or the exit code of what has been done */
export async function runCli(args: readonly string[], environment: CliEnvironment): Promise<ControlPlane | number> {
  const command = newCommand(environment);
  try {
    command.parse([...args], { from: "user" });
    const options = command.opts<Options>();
    if (options.validate) return await validate(options, environment);
    if (options.print !== undefined) return await print(options.print, options, environment);
    return await serve(options, environment);
  } catch (error) {
    if (error instanceof CommanderError) return error.exitCode;
    environment.err(`${(error as Error).message}\n`);
    return 1;
  }
}

const helpText = `
The file:
  services:
    checkout.shop:8080:        # service.namespace:port, which clients call as xds:///checkout.shop:8080
      endpoints:
        - 10.0.0.1:8080
        - { address: 10.0.0.2, port: 8080, zone: a, weight: 2, health: draining }

Examples:
  meshless-control-plane --registry file:services.yaml --listen :18000 --admin 127.0.0.1:18001
  meshless-control-plane --registry file:services.yaml --validate
`;

function newCommand({ out, err }: CliEnvironment): Command {
  const command = new Command("meshless-control-plane").description("Serves endpoints by xDS to meshless, Envoy and every gRPC client");
  addRegistryOptions(command).option("--listen <address>", "where xDS is served, over HTTP/2", listenAddress, "127.0.0.1:18000");
  return addAccessOptions(command)
    .option(
      "--admin <address>",
      "where /readyz, /livez, /metrics and the state of clients are served, such as 127.0.0.1:18001",
      listenAddress,
    )
    .option("--probes <address>", "where /readyz, /livez and /metrics alone are served, for those who come from elsewhere", listenAddress)
    .option("--allow-addresses <ranges>", "endpoints that are refused otherwise, such as 127.0.0.0/8,::1", ranges, [])
    .option("--removal-grace <seconds>", "how long a service that is gone is served on, in case it comes back", seconds, 10)
    .option("--max-streams <number>", "how many streams of clients may be open at once", count, 10_000)
    .option("--max-new-streams <number>", "how many of them are let in per second", count, 1_000)
    .option("--load-reports <seconds>", "how often clients that have their clusters from here report their load; 0: not at all", seconds, 0)
    .option("--log-level <level>", "debug, info, warn or error", "info")
    .option("--validate", "check the registry and the allow-list, say what would be served and what is wrong, and end")
    .option("--print <service>", "print the resources of a service as JSON, and end")
    .addHelpText("after", helpText)
    .showHelpAfterError("(--help lists all options)")
    .exitOverride()
    .configureOutput({ writeOut: out, writeErr: err });
}

async function validate(options: Options, { out }: CliEnvironment): Promise<number> {
  if (options.allowList !== undefined) new AccessControl(options.allowList);
  const served = await servedBy(options);
  out(servedText(served));
  return served.refused.length + served.problems.length > 0 ? 1 : 0;
}

async function print(name: string, options: Options, { out, err }: CliEnvironment): Promise<number> {
  const { catalog, problems } = await servedBy(options);
  for (const problem of problems) err(`${problem}\n`);
  const resources = resourcesOf(catalog, name);
  if (resources === undefined) {
    err(
      `${options.registry.file ?? "kubernetes"} has no service ${JSON.stringify(name)}: expected a name such as service.namespace:port\n`,
    );
    return 1;
  }
  out(`${JSON.stringify(resources, undefined, 2)}\n`);
  return 0;
}

function servedBy(options: Options): ServedCatalog | Promise<ServedCatalog> {
  const { registry, allowAddresses, loadReports } = options;
  const catalogOptions = { allowAddresses, reportsLoad: loadReports > 0 };
  if (registry.file !== undefined) return catalogOfFile(registry.file, catalogOptions);
  return catalogOfRegistry((logger) => registryOf(options, apiserverOf(options), logger), catalogOptions);
}

async function serve(options: Options, environment: CliEnvironment): Promise<ControlPlane> {
  const logger = environment.logger(checkedLevel(options.logLevel));
  const apiserver = apiserverOf(options);
  const controlPlane = createControlPlane({
    ...(await accessOf(options, apiserver)),
    registry: await registryOf(options, apiserver, logger),
    allowAddresses: options.allowAddresses,
    removalGraceMs: options.removalGrace * 1_000,
    limits: { maxStreams: options.maxStreams, maxNewPerSecond: options.maxNewStreams },
    ...(options.loadReports > 0 && { loadReportIntervalMs: options.loadReports * 1_000 }),
    logger,
  });
  try {
    logger.info({ port: await controlPlane.listen(options.listen) }, "serving xDS");
    if (options.probes !== undefined) logger.info({ port: await controlPlane.listenProbes(options.probes) }, "serving probes");
    if (options.admin !== undefined) logger.info({ port: await controlPlane.listenAdmin(options.admin) }, "serving operators");
  } catch (error) {
    await controlPlane.close();
    throw error;
  }
  return controlPlane;
}

function listenAddress(text: string): string {
  parsed(() => parseListenAddress(text));
  return text;
}

function ranges(text: string): readonly string[] {
  const list = text.split(",");
  parsed(() => new AddressRules(list));
  return list;
}

function checkedLevel(level: string): string {
  if (!["debug", "info", "warn", "error"].includes(level)) throw new Error(`--log-level ${level}: expected debug, info, warn or error`);
  return level;
}

function seconds(text: string): number {
  if (!/^\d{1,6}$/.test(text)) throw new InvalidArgumentError("expected whole seconds");
  return Number(text);
}

function count(text: string): number {
  if (!/^[1-9]\d{0,6}$/.test(text)) throw new InvalidArgumentError("expected a whole number, from 1");
  return Number(text);
}

function parsed(parse: () => unknown): void {
  try {
    parse();
  } catch (error) {
    throw new InvalidArgumentError((error as Error).message);
  }
}

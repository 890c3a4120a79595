import { resolve } from "node:path";
import { API, type Checker, type Symbol as Named, type Project, SymbolFlags } from "typescript/unstable/sync";
import type { EntryPointFile } from "./entry-points.ts";

export interface EntryPoint {
  /** As it is imported: `meshless/balancer`. */
  readonly name: string;
  /** What it exports, by name. Imports are followed to where the thing is declared. */
  readonly exports: ReadonlyMap<string, Named>;
}

export interface PublicApi extends Disposable {
  readonly project: Project;
  readonly entryPoints: readonly EntryPoint[];
}

/**
 * Has the compiler read entry points.
 *
 * @param config the tsconfig that the files belong to
 * @param fileOf what is to be read of an entry point that is written in that file. Default: the file itself
 */
export function openPublicApi(config: string, files: readonly EntryPointFile[], fileOf = (source: string): string => source): PublicApi {
  const api = new API({ cwd: process.cwd() });
  const [project] = api.updateSnapshot({ openProjects: [resolve(config)] }).getProjects();
  if (project === undefined) throw new Error(`${config} is no project`);
  const entryPoints = files.map(({ name, source }) => ({ name, exports: exportsOf(resolve(fileOf(source)), project) }));
  return { project, entryPoints, [Symbol.dispose]: () => api.close() };
}

function exportsOf(file: string, { program, checker }: Project): ReadonlyMap<string, Named> {
  const source = program.getSourceFile(file);
  const module = source && checker.getSymbolAtLocation(source);
  if (module === undefined) throw new Error(`there is no module ${file}`);
  const entries = checker.getExportsOfModule(module).map((symbol) => [symbol.name, originOf(symbol, checker)] as const);
  return new Map(entries.sort(([one], [other]) => (one < other ? -1 : 1)));
}

export function originOf(symbol: Named, checker: Checker): Named {
  return symbol.flags & SymbolFlags.Alias ? checker.getAliasedSymbol(symbol) : symbol;
}

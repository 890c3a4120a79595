import { readFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { API, type Checker, type Symbol as Named, type Project, SymbolFlags } from "typescript/unstable/sync";

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
 * Has the compiler read every entry point of package.json.
 *
 * @param config the tsconfig that the files belong to
 * @param fileOf where the declarations of an entry point are, `balancer/index.d.ts` in `dist`
 */
export function openPublicApi(config: string, fileOf: (types: string) => string): PublicApi {
  const { name, exports } = JSON.parse(readFileSync("package.json", "utf8"));
  const api = new API({ cwd: process.cwd() });
  const [project] = api.updateSnapshot({ openProjects: [resolve(config)] }).getProjects();
  if (project === undefined) throw new Error(`${config} is no project`);
  const paths = Object.keys(exports).filter((path) => exports[path].types !== undefined);
  const entryPoints = paths.map((path) => ({
    name: join(name, path),
    exports: exportsOf(resolve(fileOf(exports[path].types.replace("./dist/", ""))), project),
  }));
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

import {
  type Checker,
  type Symbol as Named,
  SignatureKind,
  SymbolFlags,
  type Type,
  TypeFlags,
  type UnionType,
} from "typescript/unstable/sync";
import { entryPointsOf } from "../../scripts/entry-points.ts";
import { openPublicApi } from "../../scripts/public-api.ts";

/** All options of a parameter of a public function, those inside of others included. */
export interface DeclaredOptions {
  readonly parameter: string;
  readonly function: string;
  /** `ejection`, `ejection.detectors`, ... */
  readonly paths: readonly string[];
}

/**
 * What the types of the package say: every parameter of every public function that takes an object with properties of ours; and every one named
 * `options` of a method.
 */
export function declaredOptions(): readonly DeclaredOptions[] {
  using api = openPublicApi("tsconfig.build.json", entryPointsOf("."));
  const { checker } = api.project;
  const exported = new Map(api.entryPoints.flatMap(({ exports }) => [...exports]));
  return [...exported].flatMap(([name, symbol]) => {
    if (symbol.flags & SymbolFlags.Function) return optionsOfFunction(name, symbol, checker);
    const methods = symbol.flags & SymbolFlags.Interface ? [...symbol.getMembers().values()] : [];
    return methods
      .filter(({ flags }) => flags & SymbolFlags.Method)
      .flatMap((method) => optionsOfFunction(`${name}.${method.name}`, method, checker))
      .filter(({ parameter }) => parameter === "options");
  });
}

function optionsOfFunction(name: string, symbol: Named, checker: Checker): readonly DeclaredOptions[] {
  const type = checker.getTypeOfSymbol(symbol);
  const signatures = type === undefined ? [] : checker.getSignaturesOfType(type, SignatureKind.Call);
  return signatures
    .flatMap((signature) => signature.getParameters())
    .map((parameter) => ({ function: name, parameter: parameter.name, paths: pathsIn(typeOf(parameter, checker), "", checker) }))
    .filter(({ paths }) => paths.length > 0);
}

function typeOf(symbol: Named, checker: Checker): Type | undefined {
  const type = checker.getTypeOfSymbol(symbol);
  return type !== undefined && type.flags & TypeFlags.TypeParameter ? checker.getBaseConstraintOfType(type) : type;
}

/** Objects with methods are no options: they do something. */
function pathsIn(type: Type | undefined, path: string, checker: Checker): readonly string[] {
  if (type === undefined) return [];
  if (type.flags & TypeFlags.Union) return (type as UnionType).getTypes().flatMap((part) => pathsIn(part, path, checker));
  if (!(type.flags & TypeFlags.Object) || checker.isArrayType(type)) return [];
  const properties = checker.getPropertiesOfType(type);
  const isActive = properties.some(({ flags }) => flags & SymbolFlags.Method);
  if (isActive || checker.getSignaturesOfType(type, SignatureKind.Call).length > 0) return [];
  return properties.filter(isOurs).flatMap((property) => {
    const inside = path === "" ? property.name : `${path}.${property.name}`;
    return [inside, ...pathsIn(typeOf(property, checker), inside, checker)];
  });
}

function isOurs({ declarations }: Named): boolean {
  return declarations.some(({ path }) => !path.includes("node_modules"));
}

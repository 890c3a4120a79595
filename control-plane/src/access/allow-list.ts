/**
 * Which clients may have which services, by patterns: those of clients, and for each those of services. `*` is any text without a slash, and in names of
 * ServiceAccounts and of DNS without a colon, so that none of one kind has what is meant for another.
 */
export type AllowRules = Readonly<Record<string, readonly string[]>>;

/** Says of a service whether a client may have it. */
export type Permits = (service: string) => boolean;

/** Who may have what. Nobody may have what no rule gives him. */
export class AllowList {
  readonly #rules: readonly {
    readonly isClient: (name: string) => boolean;
    readonly isForAll: boolean;
    readonly services: readonly string[];
  }[];

  constructor(rules: AllowRules) {
    this.#rules = Object.entries(rules).map(([client, services]) => {
      const pattern = anyOf([client], client.includes("://") ? "[^/]*" : "[^/:]*");
      return { isClient: (name) => pattern.test(name), isForAll: client === "*", services };
    });
  }

  /** @param names of a client: it has what any rule for any of them gives */
  permitsOf(names: readonly string[]): Permits {
    const rules = this.#rules.filter(({ isClient, isForAll }) => isForAll || names.some(isClient));
    const pattern = anyOf(
      rules.flatMap(({ services }) => services),
      "[^/]*",
    );
    return (service) => pattern.test(service);
  }
}

/** @param any what `*` stands for */
function anyOf(patterns: readonly string[], any: string): RegExp {
  const sources = patterns.map((pattern) => pattern.split("*").map(escaped).join(any));
  return new RegExp(`^(?:${sources.length === 0 ? "(?!)" : sources.join("|")})$`);
}

function escaped(text: string): string {
  return text.replace(/[\\^$.*+?()[\]{}|]/g, "\\$&");
}

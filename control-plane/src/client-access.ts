import { AccessControl } from "./access/access-control.ts";
import { AccessCounts } from "./access/access-counts.ts";
import type { Permits } from "./access/allow-list.ts";
import { bearerToken } from "./access/bearer-token.ts";
import { namespaceRules } from "./access/namespace-rules.ts";
import { Refusal } from "./access/refusal.ts";
import { TokenCheck } from "./access/token-check.ts";
import type { Clock } from "./clock.ts";
import type { ControlPlaneOptions } from "./control-plane-options.ts";
import type { Logger } from "./logger.ts";
import type { Measure } from "./measure.ts";
import { Trouble } from "./trouble.ts";
import type { Connection } from "./xds/open-stream.ts";

export interface ClientAccessParts {
  /** Who besides its own namespace may have a service. */
  readonly clientsOf: (service: string) => readonly string[];
  readonly clock: Clock;
  readonly logger: Logger;
}

const defaultAudience = "meshless-control-plane";

/** Who comes in, and what they may have. */
export class ClientAccess {
  /** Asked anew each time. Undefined: everything. */
  readonly permitsOf: ((names: readonly string[]) => Permits) | undefined;
  readonly #allowList: AccessControl | undefined;
  readonly #allowListTrouble: Trouble;
  readonly #tokens: TokenCheck | undefined;
  readonly #audience: string;
  readonly #counts = new AccessCounts();
  readonly #parts: ClientAccessParts;

  /**
   * @throws TypeError for options that would let in whom nobody knows, or nobody at all
   * @throws Error for an allow-list that can't be used
   */
  constructor(options: ControlPlaneOptions, parts: ClientAccessParts) {
    assertKnown(options);
    const { allowList, closed = false, tokens } = options;
    const { clientsOf, clock, logger } = parts;
    this.#parts = parts;
    this.#allowListTrouble = new Trouble("allow-list", { allowList: typeof allowList === "string" ? allowList : "in code" }, logger);
    this.#allowList = allowList === undefined ? undefined : new AccessControl(allowList);
    const trustDomain = typeof closed === "object" ? closed.trustDomain : undefined;
    this.permitsOf = eitherOf([
      ...(this.#allowList ? [this.#allowList.permitsOf.bind(this.#allowList)] : []),
      ...(closed === false ? [] : [namespaceRules({ clientsOf, trustDomain })]),
    ]);
    this.#audience = tokens?.audience ?? defaultAudience;
    const trouble = new Trouble("review of tokens", {}, logger);
    this.#tokens =
      tokens &&
      new TokenCheck({
        reviewer: tokens.reviewer,
        audience: this.#audience,
        clock,
        today: Date.now,
        observer: { reviewed: (result) => this.#counts.reviewed(result), trouble: (error) => trouble.tell(error) },
      });
  }

  /** What is wrong with the allow-list; undefined while all is well. */
  get allowListTrouble(): string | undefined {
    return this.#allowListTrouble.text;
  }

  get measures(): readonly Measure[] {
    const tokens = this.#tokens;
    if (tokens === undefined) return [];
    const gauge = (name: string, description: string, read: () => number): Measure => {
      return { name, kind: "gauge", description, read: () => [{ value: read(), labels: {} }] };
    };
    return [
      ...this.#counts.measures,
      gauge("tokens.trouble", "1 while tokens can't be checked", () => Number(tokens.isInTrouble)),
      gauge("tokens.remembered", "Tokens that need no question for a while", () => tokens.remembered),
    ];
  }

  /**
   * @param headers of the client's request
   * @throws Refusal for whom may not come in
   */
  async identify(connection: Connection, headers: Headers): Promise<Connection> {
    if (this.#tokens === undefined) return connection;
    try {
      const token = bearerToken(headers);
      if (token === undefined) return this.#withoutToken(connection);
      const tokens = this.#tokens;
      const { name, validForMs } = await tokens.identify(token, addressOf(connection));
      // That it can't be checked now says nothing against it.
      const isRefused = (error: unknown) => error instanceof Refusal && error.reason === "refused";
      const isStillGood = () =>
        tokens.identify(token, addressOf(connection)).then(
          () => true,
          (error) => !isRefused(error),
        );
      return { ...connection, names: [...connection.names, name], validForMs, isStillGood };
    } catch (error) {
      if (error instanceof Refusal) this.#told(error, connection);
      throw error;
    }
  }

  /** @param changed is called when clients may have something else than before */
  follow(changed: () => void): void {
    this.#allowList?.follow(this.#parts.clock, {
      trouble: (error) => this.#allowListTrouble.tell(error),
      renewed: () => {
        this.#allowListTrouble.renewed();
        changed();
      },
    });
  }

  close(): void {
    this.#allowList?.close();
  }

  #withoutToken(connection: Connection): Connection {
    if (connection.isCertified) return connection;
    const advice = "mount it, and let discovery.xds.tokenFile, or jwt_token_file in a bootstrap of gRPC, name it";
    throw new Refusal("no token", `expected a token with audience ${this.#audience}, as Authorization: Bearer; ${advice}`);
  }

  #told({ reason, message }: Refusal, { peer }: Connection): void {
    this.#counts.refused(reason);
    // Of those who fail without end, the log has enough.
    const level = reason === "too many failures" ? "debug" : "warn";
    this.#parts.logger[level]({ peer, reason, problem: message }, "client is not let in");
  }
}

/** @throws TypeError if nobody would know who a client is, or whoever reads along could be one */
function assertKnown({ allowList, closed = false, tls, tokens }: ControlPlaneOptions): void {
  const hasCertificates = tls?.clientCa !== undefined;
  if (allowList !== undefined && !hasCertificates && tokens === undefined) {
    throw new TypeError("allowList: without tls.clientCa or tokens nobody knows who a client is");
  }
  const isKnownByCertificate = hasCertificates && typeof closed === "object" && closed.trustDomain !== undefined;
  if (closed !== false && tokens === undefined && !isKnownByCertificate) {
    throw new TypeError("closed: without tokens, or tls.clientCa and closed.trustDomain, nobody knows which namespace a client is in");
  }
  if (tokens !== undefined && tls === undefined && !tokens.allowPlaintext) {
    throw new TypeError(
      "tokens: without tls whoever reads along could use them; give tls, or tokens.allowPlaintext where something else encrypts",
    );
  }
  if (tokens !== undefined && !/^[!-~]{1,253}$/.test(tokens.audience ?? defaultAudience)) {
    throw new TypeError(`tokens.audience: expected 1 to 253 visible characters, got ${JSON.stringify(tokens.audience)}`);
  }
}

/** What any of them permits. Undefined for none of them: everything. */
function eitherOf(rules: readonly ((names: readonly string[]) => Permits)[]): ClientAccess["permitsOf"] {
  if (rules.length === 0) return undefined;
  return (names) => {
    const permits = rules.map((permitsOf) => permitsOf(names));
    return (service) => permits.some((permitted) => permitted(service));
  };
}

/** Without the port, which is another one for each connection. */
function addressOf({ peer }: Connection): string {
  return peer.slice(0, peer.lastIndexOf(":"));
}

import { type EchoServer, type EchoServerOptions, startEchoServer } from "./echo-server.ts";

/** Several echo servers, named `s0`, `s1`, ... */
export interface EchoFleet extends AsyncDisposable {
  readonly servers: readonly EchoServer[];
  /** `static:///127.0.0.1:1,127.0.0.1:2` */
  readonly target: string;
  /** How many attempts each server saw. */
  attempts(): number[];
}

export async function startEchoFleet(size: number, options: Omit<EchoServerOptions, "name"> = {}): Promise<EchoFleet> {
  const names = Array.from({ length: size }, (_, index) => `s${index}`);
  const servers = await Promise.all(names.map((name) => startEchoServer({ ...options, name })));
  return {
    servers,
    target: staticTarget(...servers),
    attempts: () => servers.map((server) => server.calls.length),
    [Symbol.asyncDispose]: async () => {
      await Promise.all(servers.map((server) => server[Symbol.asyncDispose]()));
    },
  };
}

/** A `static:` target of these servers. */
export function staticTarget(...servers: readonly { readonly address: string }[]): string {
  return `static:///${servers.map(({ address }) => address).join(",")}`;
}

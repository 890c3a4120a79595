import { Agent as HttpAgent, type IncomingMessage, request as requestHttp } from "node:http";
import { type AgentOptions, Agent as HttpsAgent, request as requestHttps } from "node:https";
import { isDeepStrictEqual } from "node:util";
import type { ApiserverClient, ApiserverRequest, ApiserverResponse } from "./apiserver-client.ts";

/** Where an apiserver is, and as whom to come. */
export interface ApiserverAccess {
  /** Such as `https://10.0.0.1:443`. */
  readonly server: string;
  /** Of each request, such as `authorization`. */
  readonly headers: Readonly<Record<string, string>>;
  /** Certificates of the server's authority and of the client. */
  readonly tls: Pick<AgentOptions, "ca" | "cert" | "key" | "pfx" | "passphrase" | "servername" | "rejectUnauthorized">;
}

/**
 * Says where to go, before each request.
 *
 * @param renews whether all is to be read anew, because the last credentials were refused
 */
export type AccessSource = (renews: boolean) => Promise<ApiserverAccess>;

/** A client of the apiserver over HTTP/1.1, with one pool of connections for all requests; with new certificates, a new one. */
export class HttpsClient implements ApiserverClient {
  readonly #access: AccessSource;
  readonly #plain = new HttpAgent({ keepAlive: true });
  #secure = new HttpsAgent({ keepAlive: true });
  #tls: ApiserverAccess["tls"] = {};

  constructor(access: AccessSource) {
    this.#access = access;
  }

  get(request: ApiserverRequest): Promise<ApiserverResponse> {
    return this.#send("GET", request, "", {});
  }

  /** Has something created, such as a TokenReview, or asks what a GET is too short for. */
  post(request: ApiserverRequest, body: object): Promise<ApiserverResponse> {
    const text = JSON.stringify(body);
    return this.#send("POST", request, text, { "content-type": "application/json", "content-length": `${Buffer.byteLength(text)}` });
  }

  async #send(
    method: "GET" | "POST",
    { path, query, accept, renewsCredentials, signal }: ApiserverRequest,
    body: string,
    contentHeaders: Readonly<Record<string, string>>,
  ): Promise<ApiserverResponse> {
    const { server, headers, tls } = await this.#access(renewsCredentials);
    signal.throwIfAborted();
    const url = new URL(`${server.replace(/\/$/, "")}${path}?${new URLSearchParams(query)}`);
    const options = { method, headers: { accept, ...contentHeaders, ...headers }, signal };
    const response = await new Promise<IncomingMessage>((resolve, reject) => {
      const request =
        url.protocol === "http:"
          ? requestHttp(url, { ...options, agent: this.#plain }, resolve)
          : requestHttps(url, { ...options, agent: this.#agentFor(tls) }, resolve);
      // Who waits for what comes of it keeps the process alive, and this does not.
      request.on("socket", (socket) => socket.unref());
      request.on("error", reject).end(body);
    });
    // Who gives it up does not read it, and would not hear of this.
    response.on("error", () => {});
    return { status: response.statusCode ?? 0, retryAfterMs: secondsToMs(response.headers["retry-after"]), body: response };
  }

  #agentFor(tls: ApiserverAccess["tls"]): HttpsAgent {
    if (!isDeepStrictEqual(tls, this.#tls)) {
      this.#tls = tls;
      this.#secure = new HttpsAgent({ ...tls, keepAlive: true });
    }
    return this.#secure;
  }
}

/** The header may be a date as well, which apiservers don't send. */
function secondsToMs(text: string | undefined): number | undefined {
  return text !== undefined && /^\d{1,6}$/.test(text) ? Number(text) * 1_000 : undefined;
}

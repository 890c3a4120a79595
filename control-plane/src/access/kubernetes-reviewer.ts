import type { TokenReviewer, TokenVerdict } from "./token-reviewer.ts";

/** The part of an apiserver's client that is needed here. */
export interface ApiserverPoster {
  /** Answers with any status. Rejects when there is no answer, or the signal is aborted. */
  post(request: PostRequest, body: object): Promise<{ readonly status: number; readonly body: AsyncIterable<Uint8Array> }>;
}

/** What is asked of an apiserver. */
export interface PostRequest {
  /** Such as `/apis/authentication.k8s.io/v1/tokenreviews`. */
  readonly path: string;
  /** Parameters by name. */
  readonly query: Readonly<Record<string, string>>;
  /** In which form the answer is wanted: the header `Accept`. */
  readonly accept: string;
  /** Whether our own credentials are to be read anew, because the last ones were refused. */
  readonly renewsCredentials: boolean;
  readonly signal: AbortSignal;
}

/** As the apiserver answers; or a Status, if it does not do what it is asked. */
interface Answer {
  readonly message?: unknown;
  readonly status?: ReviewStatus | string | null;
}

interface ReviewStatus {
  readonly authenticated?: boolean;
  readonly user?: { readonly username?: string };
  readonly audiences?: readonly string[] | null;
  readonly error?: string;
}

const path = "/apis/authentication.k8s.io/v1/tokenreviews";
const maxTextLength = 200;
const maxAnswerBytes = 1024 * 1024;

/** Has tokens checked by an apiserver (TokenReview), for which it needs `create` on `tokenreviews.authentication.k8s.io`. */
export function kubernetesReviewer(client: ApiserverPoster): TokenReviewer {
  return {
    async review(token, audience, signal) {
      const review = { apiVersion: "authentication.k8s.io/v1", kind: "TokenReview", spec: { token, audiences: [audience] } };
      const ask = (renewsCredentials: boolean) =>
        client.post({ path, query: {}, accept: "application/json", renewsCredentials, signal }, review);
      let response = await ask(false);
      if (response.status === 401) response = await ask(true);
      const answer = await readAnswer(response.body);
      const { status } = answer;
      if (response.status < 300 && typeof status === "object" && status !== null) return verdictOf(status, token, audience);
      const message = typeof answer.message === "string" ? answer.message : `HTTP status ${response.status}`;
      throw new Error(`TokenReview: ${withoutToken(message, token)}`);
    },
  };
}

function verdictOf(status: ReviewStatus, token: string, audience: string): TokenVerdict {
  const { authenticated = false, user, audiences, error = "the apiserver does not accept it" } = status;
  if (!authenticated) return { problem: withoutToken(error, token) };
  // One that knows nothing of audiences accepts tokens for anybody.
  if (!audiences?.includes(audience)) return { problem: `the apiserver does not say that it is for ${audience}` };
  return { username: user?.username ?? "" };
}

async function readAnswer(body: AsyncIterable<Uint8Array>): Promise<Answer> {
  const chunks: Uint8Array[] = [];
  let bytes = 0;
  for await (const chunk of body) {
    bytes += chunk.length;
    if (bytes > maxAnswerBytes) throw new Error("TokenReview: the answer is too long");
    chunks.push(chunk);
  }
  try {
    const answer: unknown = JSON.parse(Buffer.concat(chunks).toString());
    return typeof answer === "object" && answer !== null ? answer : {};
  } catch {
    return {};
  }
}

/** For logs and for clients. */
function withoutToken(text: string, token: string): string {
  return text.replaceAll(token, "...").slice(0, maxTextLength);
}

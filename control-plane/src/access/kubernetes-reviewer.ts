import type { TokenReviewer, TokenVerdict } from "./token-reviewer.ts";

/** The part of an apiserver's client that is needed here. */
export interface ApiserverPoster {
  /** Answers with any status. Rejects when there is no answer, or the signal is aborted. */
  post(path: string, body: object, signal: AbortSignal): Promise<{ readonly status: number; readonly body: unknown }>;
}

interface TokenReview {
  readonly message?: string;
  readonly status?: {
    readonly authenticated?: boolean;
    readonly user?: { readonly username?: string };
    readonly audiences?: readonly string[] | null;
    readonly error?: string;
  };
}

const path = "/apis/authentication.k8s.io/v1/tokenreviews";
const maxProblemLength = 200;

/** Has tokens checked by an apiserver (TokenReview), which needs `create` on `tokenreviews.authentication.k8s.io`. */
export function kubernetesReviewer(client: ApiserverPoster): TokenReviewer {
  return {
    async review(token, audience, signal) {
      const review = { apiVersion: "authentication.k8s.io/v1", kind: "TokenReview", spec: { token, audiences: [audience] } };
      const { status, body } = await client.post(path, review, signal);
      const answer = (typeof body === "object" && body !== null ? body : {}) as TokenReview;
      if (status !== 201 && status !== 200)
        throw new Error(`TokenReview: ${withoutToken(answer.message ?? `HTTP status ${status}`, token)}`);
      return verdict(answer.status ?? {}, token, audience);
    },
  };
}

function verdict(status: NonNullable<TokenReview["status"]>, token: string, audience: string): TokenVerdict {
  const { authenticated = false, user, audiences, error = "the apiserver does not accept it" } = status;
  if (!authenticated) return { problem: withoutToken(error, token) };
  // One that knows nothing of audiences accepts tokens for anybody.
  if (!audiences?.includes(audience)) return { problem: `the apiserver does not say that it is for ${audience}` };
  return { username: user?.username ?? "" };
}

/** For logs and for clients. */
function withoutToken(text: string, token: string): string {
  return text.replaceAll(token, "...").slice(0, maxProblemLength);
}

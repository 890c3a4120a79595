/** Who issued tokens, and can tell whether they are good. */
export interface TokenReviewer {
  /**
   * Rejects if that can't be found out now.
   *
   * @param audience whom the token has to be meant for
   */
  review(token: string, audience: string, signal: AbortSignal): Promise<TokenVerdict>;
}

/** Whom a token names, such as `system:serviceaccount:shop:cart`; or why it is not good. */
export type TokenVerdict = { readonly username: string } | { readonly problem: string };

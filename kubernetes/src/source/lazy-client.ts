import type { ApiserverClient } from "../reflector/apiserver-client.ts";

/** A client that is made when it is first needed. When that fails, the request does, and the next one tries anew. */
export function lazyClient(make: () => Promise<ApiserverClient>): ApiserverClient {
  let made: Promise<ApiserverClient> | undefined;
  const failed = (error: unknown) => {
    made = undefined;
    throw error;
  };
  return {
    async get(request) {
      made ??= make().catch(failed);
      return (await made).get(request);
    },
  };
}

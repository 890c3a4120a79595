import { expect, test } from "vitest";
import { kubernetesReviewer } from "./kubernetes-reviewer.ts";

interface Answered {
  readonly status?: number;
  readonly body: unknown;
}

/** Asks an apiserver that gives these answers, one after the other. */
function reviewed(...answers: readonly Answered[]) {
  const asked: { readonly request: object; readonly body: object }[] = [];
  const reviewer = kubernetesReviewer({
    async post(request, body) {
      const { status = 201, body: text } = answers[asked.length] ?? { body: "" };
      asked.push({ request, body });
      return {
        status,
        body: (async function* () {
          yield Buffer.from(typeof text === "string" ? text : JSON.stringify(text));
        })(),
      };
    },
  });
  return { asked, verdict: reviewer.review("secret", "plane", new AbortController().signal) };
}

const good = { authenticated: true, user: { username: "system:serviceaccount:shop:cart" }, audiences: ["other", "plane"] };

test("a token is good whom the apiserver authenticates for our audience", async () => {
  const { asked, verdict } = reviewed({ body: { status: good } });
  expect(await verdict).toEqual({ username: "system:serviceaccount:shop:cart" });
  expect(asked).toMatchObject([
    {
      request: { path: "/apis/authentication.k8s.io/v1/tokenreviews", renewsCredentials: false },
      body: { kind: "TokenReview", spec: { token: "secret", audiences: ["plane"] } },
    },
  ]);
});

test.each([
  [{ ...good, audiences: ["other"] }, "does not say that it is for plane"],
  [{ ...good, audiences: null }, "does not say that it is for plane"],
  [{ authenticated: false, error: "invalid: secret is stale" }, "invalid: ... is stale"],
  [{}, "does not accept it"],
])("a token is bad in all other cases, and is not told: %j", async (status, problem) => {
  expect(await reviewed({ body: { status } }).verdict).toEqual({ problem: expect.stringContaining(problem) });
});

test("our own credentials are renewed once when they are refused", async () => {
  const refused = { status: 401, body: { message: "Unauthorized", status: "Failure" } };
  const { asked, verdict } = reviewed(refused, { body: { status: good } });
  expect(await verdict).toHaveProperty("username");
  expect(asked.map(({ request }) => request)).toMatchObject([{ renewsCredentials: false }, { renewsCredentials: true }]);
  await expect(reviewed(refused, refused).verdict).rejects.toThrow(/^TokenReview: Unauthorized$/);
});

test.each([
  [{ status: 403, body: { message: "not allowed to review secret", status: "Failure" } }, /^TokenReview: not allowed to review \.\.\.$/],
  [{ status: 503, body: "<html>" }, /^TokenReview: HTTP status 503$/],
  [{ status: 201, body: "null" }, /HTTP status 201/],
  [{ status: 201, body: "x".repeat(2_000_000) }, /the answer is too long/],
])("no answer is no verdict: %#", async (answer, message) => {
  await expect(reviewed(answer).verdict).rejects.toThrow(message);
});

import { expect, test } from "vitest";
import { type ApiFailure, readFailure } from "./api-failure.ts";
import { Course } from "./course.ts";
import type { Outcome } from "./outcome.ts";
import { defaultTiming } from "./reflector-timing.ts";

const newCourse = (random = () => 0.5) => new Course(defaultTiming, random);
const refused = (status: number, fields: Partial<ApiFailure> = {}): Outcome => ({
  kind: "refused",
  failure: { ...readFailure({ message: "no" }, status), ...fields },
});
const broken: Outcome = { kind: "broken", message: "reset" };
const malformed: Outcome = { kind: "malformed", message: "?" };
const wentBack: Outcome = { kind: "wentBack", message: "7" };

/** One that is at a watch from version 7. */
function watching(random?: () => number) {
  const course = newCourse(random);
  course.synced("7", 0);
  return course;
}

test.each<[string, Outcome, string]>([
  ["the server ends it", { kind: "ended" }, "watch"],
  ["it is silent", { kind: "silent" }, "watch"],
  ["the connection breaks", broken, "watch"],
  ["429", refused(429), "watch"],
  ["401", refused(401), "watch"],
  ["403", refused(403), "watch"],
  ["500", refused(500), "watch"],
  ["504 for a version that is not known yet", refused(504, { isTooLargeVersion: true }), "watchList"],
  ["410", refused(410), "watchList"],
  ["Expired, whatever the status", refused(500, { reason: "Expired" }), "watchList"],
  ["a line that can't be read", malformed, "watchList"],
  ["a version that went back", wentBack, "watchList"],
])("a watch goes on from its version unless that leads nowhere: %s", (_, outcome, kind) => {
  const course = watching();
  course.after(outcome, false, 0);
  expect(course.step).toEqual(kind === "watch" ? { kind, version: "7" } : { kind });
});

test.each<[string, Outcome, string]>([
  ["400", refused(400), "list"],
  ["415", refused(415), "list"],
  ["422", refused(422), "list"],
  ["500, as of a storage that can't", refused(500), "list"],
  ["it is silent", { kind: "silent" }, "list"],
  ["the server ends it", { kind: "ended" }, "list"],
  ["429", refused(429), "watchList"],
  ["401", refused(401), "watchList"],
  ["403", refused(403), "watchList"],
  ["the connection breaks", broken, "watchList"],
])("who can't watch with all that there is lists: %s", (_, outcome, kind) => {
  const course = newCourse();
  course.after(outcome, false, 0);
  expect(course.step).toEqual({ kind });
});

test("a server that does not know it is no failure, and asked for a list at once", () => {
  expect(newCourse().after(refused(422), false, 0)).toEqual({ reason: undefined, delayMs: 0, failures: 0 });
});

test("pauses have full jitter, double up to their bound, and begin anew after a watch that worked", () => {
  const pauses = (random: number) => {
    const course = watching(() => random);
    return Array.from({ length: 8 }, () => course.after(broken, false, 0).delayMs);
  };
  expect(pauses(0.5)).toEqual([400, 800, 1_600, 3_200, 6_400, 12_800, 15_000, 15_000]);
  expect(pauses(0)).toEqual([0, 0, 0, 0, 0, 0, 0, 0]);
  const course = watching();
  for (let failures = 0; failures < 5; failures++) course.after(broken, false, 0);
  course.proven();
  expect(course.after(broken, true, 0)).toEqual({ reason: "broken", delayMs: 400, failures: 1 });
});

test("who does not answer at all may be asked more often", () => {
  const course = new Course({ ...defaultTiming, maxUnansweredBackoffMs: 500 }, () => 1);
  expect([broken, { kind: "silent" } as const, broken].map((outcome) => course.after(outcome, false, 0).delayMs)).toEqual([500, 500, 500]);
  expect([refused(500), refused(500)].map((outcome) => course.after(outcome, false, 0).delayMs)).toEqual([800, 1_600]);
});

test("a server that answers again is asked as if nothing had been, and one that says that a version is forgotten at once, the first time", () => {
  const course = watching(() => 1);
  for (let failures = 0; failures < 6; failures++) course.after(broken, false, 0);
  expect(course.after(refused(410), false, 0)).toEqual({ reason: "expired", delayMs: 0, failures: 7 });
  course.synced("8", 0);
  expect(course.after(refused(410), false, 0)).toEqual({ reason: "expired", delayMs: 1_600, failures: 8 });
  expect(course.after(broken, false, 0).delayMs).toBe(800);
  expect(course.after(refused(429), false, 0).delayMs).toBe(800);
});

test("a watch that worked goes on at once when the server ends it; one that did not is a failure, lest the two go in circles", () => {
  const course = watching();
  expect(course.after({ kind: "ended" }, true, 1)).toMatchObject({ reason: "ended", delayMs: 0 });
  expect(course.after({ kind: "ended" }, false, 1)).toMatchObject({ reason: "ended", delayMs: 400, failures: 1 });
});

test("a server that asks to be left alone is, and a while more by chance, within bounds", () => {
  expect(watching().after(refused(429, { retryAfterMs: 7_000 }), false, 0).delayMs).toBe(7_400);
  expect(watching().after(refused(503, { retryAfterMs: 86_400_000 }), false, 0).delayMs).toBe(300_400);
});

test("credentials that are refused are read anew at once, and if that does not help after pauses", () => {
  const course = watching();
  expect(course.after(refused(401), false, 0)).toMatchObject({ reason: "unauthorized", delayMs: 0 });
  expect(course.renewsCredentials).toBe(true);
  expect(course.after(refused(401), false, 0).delayMs).toBe(800);
  expect(course.renewsCredentials).toBe(true);
  course.after(refused(500), false, 0);
  expect(course.renewsCredentials).toBe(false);
});

test("all is listed again at the end of a watch, once the last list is old enough", () => {
  const course = watching();
  expect(course.after({ kind: "ended" }, true, 1_199_999).reason).toBe("ended");
  expect(course.after({ kind: "ended" }, true, 1_200_000)).toEqual({ reason: "relist", delayMs: 0, failures: 0 });
  expect(course.step).toEqual({ kind: "watchList" });
});

test("a watch that is due for a list has one, however it ends", () => {
  for (const outcome of [{ kind: "ended" }, { kind: "silent" }, broken] as const) {
    const course = watching();
    course.after(outcome, true, 1_000_000);
    expect(course.step).toEqual({ kind: "watch", version: "7" });
    course.after(outcome, true, 1_200_000);
    expect(course.step).toEqual({ kind: "watchList" });
  }
});

test("a watch that was silent twice without a word in between leads nowhere", () => {
  const course = watching();
  course.after({ kind: "silent" }, true, 0);
  course.reached("8");
  course.after({ kind: "silent" }, true, 0);
  course.after({ kind: "silent" }, false, 0);
  expect(course.step).toEqual({ kind: "watch", version: "8" });
  course.after({ kind: "silent" }, true, 0);
  expect(course.step).toEqual({ kind: "watchList" });
});

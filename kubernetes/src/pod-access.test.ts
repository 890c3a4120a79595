import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { podAccess } from "./pod-access.ts";

/** A pod's files: its ServiceAccount, and a home without a kubeconfig. */
function pod() {
  const folder = mkdtempSync(join(tmpdir(), "pod-"));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  const write = (name: string, text: string) => writeFileSync(join(folder, name), text);
  write("token", "one\n");
  write("ca.crt", "PEM");
  return { folder, home: folder, write };
}

const env = { KUBERNETES_SERVICE_HOST: "10.0.0.1", KUBERNETES_SERVICE_PORT: "6443" };

test("in a pod, the apiserver is where the environment says, and the token is the one that is mounted now", async () => {
  const { folder, home, write } = pod();
  const access = podAccess(env, folder, home);
  expect(await access?.(false)).toEqual({ server: "https://10.0.0.1:6443", headers: { Authorization: "Bearer one" }, tls: { ca: "PEM" } });
  write("token", "two");
  expect((await access?.(false))?.headers).toEqual({ Authorization: "Bearer two" });
  const v6 = podAccess({ KUBERNETES_SERVICE_HOST: "fd00::1" }, folder, home);
  expect((await v6?.(false))?.server).toBe("https://[fd00::1]:443");
});

test("elsewhere, or with a kubeconfig, there is none", () => {
  const { folder, home } = pod();
  expect(podAccess({}, folder, home)).toBeUndefined();
  expect(podAccess(env, join(folder, "nowhere"), home)).toBeUndefined();
  expect(podAccess({ ...env, KUBECONFIG: "/etc/kubeconfig" }, folder, home)).toBeUndefined();
  mkdirSync(join(home, ".kube"));
  writeFileSync(join(home, ".kube", "config"), "");
  expect(podAccess(env, folder, home)).toBeUndefined();
});

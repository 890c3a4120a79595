import { type ChildProcess, execFile, spawn } from "node:child_process";
import { once } from "node:events";
import { expect, onTestFinished, test } from "vitest";
import { serveDebugPage } from "../../src/debug/index.ts";
import { balancedClient } from "../support/balanced-client.ts";
import { startEchoFleet } from "../support/echo-fleet.ts";
import { use } from "../support/use.ts";
import { hasTmux, TmuxScreen } from "./tmux-screen.ts";

const cli = "cli/src/cli.ts";

interface Ended {
  readonly code: number;
  readonly out: string;
  readonly err: string;
}

function run(...args: readonly string[]): Promise<Ended> {
  return new Promise((resolve) => {
    const child: ChildProcess = execFile(process.execPath, [cli, ...args], (_, out, err) =>
      resolve({ code: child.exitCode ?? -1, out, err }),
    );
  });
}

async function fleet() {
  const { target, servers } = use(await startEchoFleet(3));
  const { transport, client } = balancedClient(target);
  const page = use(await serveDebugPage({ transports: [transport, transport], port: 0, name: "storefront" }));
  return { target, servers, client, page };
}

test("as processes, commands end with their codes, and without colours in a pipe", { timeout: 60_000 }, async () => {
  const { target } = await fleet();
  const all = await Promise.all([
    run("endpoints", target),
    run("explain", target, "--json"),
    run("check", "static:///127.0.0.1:1", "--timeout", "1"),
    run("endpoints", "nonsense"),
    run("top", "--page", "http://127.0.0.1:1/"),
  ]);
  expect(all.map(({ code }) => code)).toEqual([0, 0, 1, 2, 3]);
  for (const { out, err } of all) expect(out + err).not.toContain("\x1b");
  expect(JSON.parse(all[1]?.out ?? "").endpoints).toHaveLength(3);
});

test("a reader that has read enough is no error", { timeout: 60_000 }, async () => {
  const { target } = await fleet();
  const shell = spawn("sh", ["-c", `${process.execPath} ${cli} endpoints ${target} --json | head -n 1`], {
    stdio: ["ignore", "pipe", "inherit"],
  });
  let out = "";
  shell.stdout.on("data", (chunk) => (out += chunk));
  expect(await once(shell, "close")).toEqual([0, null]);
  expect(out).toBe("{\n");
});

test("watch ends with 0 when it is interrupted", { timeout: 60_000 }, async () => {
  const { target } = await fleet();
  const child = spawn(process.execPath, [cli, "watch", target, "--json"], { stdio: ["ignore", "pipe", "inherit"] });
  const [first] = await once(child.stdout, "data");
  expect(JSON.parse(String(first).split("\n")[0] ?? "")).toMatchObject({ level: "debug", type: "endpointAdded" });
  child.kill("SIGINT");
  expect(await once(child, "close")).toEqual([0, null]);
});

test("top --json and --once show the page of a process", { timeout: 60_000 }, async () => {
  const { page, client } = await fleet();
  const calls = setInterval(() => client.echo({ text: "x" }), 20);
  onTestFinished(() => clearInterval(calls));
  const json = await run("top", "--page", page.url, "--json", "--wait", "1.2");
  expect(JSON.parse(json.out)).toMatchObject({ version: 1, process: { name: "storefront" }, transport: { endpoints: { length: 3 } } });
  const once = await run("top", "--page", page.url);
  expect(once.out).toMatch(/calls\/s {2}success 100 %/);
  expect(once.out.split("\n").filter((line) => /^127\.0\.0\.1:\d+ .*sound/.test(line))).toHaveLength(3);
});

if (!hasTmux) console.error("\nMISSING tmux: top is not tested in a terminal; `npm run peers` installs it\n");

test.skipIf(!hasTmux).each([80, 160])(
  "in a terminal of %i columns, top draws the table anew, and is steered by keys",
  { timeout: 60_000 },
  async (width) => {
    const { page, servers } = await fleet();
    await using screen = new TmuxScreen(width, 20, `${process.execPath} ${cli} top --page ${page.url}`);
    await screen.until(/3 of 3 sound/);
    const lines = screen.lines();
    expect(Math.max(...lines.map(({ length }) => length))).toBeLessThanOrEqual(width);
    expect(lines.join("\n")).toMatch(width === 80 ? /SHARE.*P99 +SUCCESS/ : /ZONE.*WEIGHT.*REPORTS +WHY/);
    screen.press("s");
    await screen.until(/by share/);
    screen.press("t");
    await servers[0]?.kill();
    await screen.until(/2 of 3 sound/);
    await screen.until(/unreachable/);
    screen.press("q");
    await screen.ended();
  },
);

test.skipIf(!hasTmux).each([80, 160])(
  "in a terminal of %i columns, no line of check, explain and endpoints is broken",
  { timeout: 60_000 },
  async (width) => {
    const { target } = await fleet();
    for (const command of ["endpoints", "explain"]) {
      await using screen = new TmuxScreen(
        width,
        40,
        `${process.execPath} ${cli} ${command} ${target},127.0.0.1:1 --timeout 2; echo ended: $?; sleep 20`,
      );
      await screen.until(/ended: 0/);
      expect(screen.lines().filter((line) => /^127\.0\.0\.1:\d+ /.test(line))).toHaveLength(4);
    }
  },
);

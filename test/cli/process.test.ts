import { type ChildProcess, execFile, spawn } from "node:child_process";
import { once } from "node:events";
import { expect, onTestFinished, test } from "vitest";
import { createControlPlane } from "../../control-plane/src/create-control-plane.ts";
import { memoryRegistry } from "../../control-plane/src/registry/memory-registry.ts";
import { serveDebugPage } from "../../src/debug/index.ts";
import { balancedClient } from "../support/balanced-client.ts";
import { startEchoFleet } from "../support/echo-fleet.ts";
import { use } from "../support/use.ts";
import { closedPlane } from "./closed-plane.ts";
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

/** Set-ups that are broken: what is given to `check`, what it finds, and the next step. */
async function brokenSetUps() {
  const { servers } = use(await startEchoFleet(2));
  const [one, other] = servers.map(({ address }) => address);
  const services = { "a.b:80": { endpoints: servers.map(({ port }, index) => ({ address: "127.0.0.1", port, zone: `z${index}` })) } };
  const plane = use(createControlPlane({ registry: memoryRegistry(services), allowAddresses: ["127.0.0.0/8"] }));
  const asked = `--control-plane 127.0.0.1:${await plane.listen("127.0.0.1:0")}`;
  const admin = `127.0.0.1:${await plane.listenAdmin("127.0.0.1:0")}`;
  const closed = await closedPlane();
  const preload = (code: string) => `--import 'data:text/javascript,${code}'`;
  return {
    "a control plane that is down": ["", "--control-plane 127.0.0.1:1", /ECONNREFUSED/, /is it running/],
    "a wrong port": ["", `--control-plane ${admin}`, /control plane/, /admin port|another port/],
    "TLS on one side alone": ["", `${asked} --control-plane-tls`, /does not speak TLS/, /does it serve TLS there/],
    "an expired token": ["", closed.argsOf({ exp: 1_000_000_000 }), /token: the one in .* expired/, /kubelet renews/],
    "no RBAC": ["", closed.argsOf({ sub: "not:checked" }), /can't be checked now/, /create tokenreviews/],
    "a ClusterIP": ["", `dns:///localhost:${servers[0]?.port}`, /ClusterIP/, /headless/],
    "a zone that is unknown": ["", `static:///${one},${other} --zone a`, /zones/, /give the zone/],
    "no reports": ["", `static:///${one},${other}`, /load reports/, /healthReporting\(\)/],
    "an old Node.js": [
      preload('Object.defineProperty(process,"version",{value:"v20.19.0"})'),
      asked,
      /v20\.19\.0 is not supported/,
      /24\.17\.0/,
    ],
    "a clock that is off": [preload("const now=Date.now;Date.now=()=>now()+600000"), asked, /10 min behind ours/, /NTP/],
  } satisfies Record<string, readonly [preload: string, args: string, found: RegExp, next: RegExp]>;
}

test.skipIf(!hasTmux).each([80, 160])(
  "in a terminal of %i columns, check names what is wrong with each of ten set-ups, and the next step, and breaks no word",
  { timeout: 120_000 },
  async (width) => {
    for (const [name, [preload, args, found, next]] of Object.entries(await brokenSetUps())) {
      const command = `${process.execPath} ${preload} ${cli} check ${args} --timeout 5; echo ended: $?; sleep 60`;
      await using screen = new TmuxScreen(width, 60, command);
      await screen.until(/ended: [01]/);
      const lines = screen.lines();
      expect(Math.max(...lines.map(({ length }) => length)), name).toBeLessThanOrEqual(width);
      const text = lines.join(" ").replace(/\s+/g, " ");
      expect(text, name).toMatch(found);
      expect(text, name).toMatch(next);
      expect(text, name).toMatch(/[✗!] .*→ /);
    }
  },
);

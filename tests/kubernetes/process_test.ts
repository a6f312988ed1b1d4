import { assertEquals, assertStringIncludes } from "@std/assert";
import { logTail, runCommand, startProcess } from "./process.ts";

/** Far less than the child lives if nobody ends it, in ms. */
const LIMIT_MS = 60_000;

/** The kernel's line about a process; that of a dead one when there is none. */
async function stateOf(pid: string): Promise<string> {
  return await Deno.readTextFile(`/proc/${pid}/stat`)
    .catch(() => `${pid} (sleep) Z`);
}

/** A killed process stays as a zombie until somebody takes note of it. */
function isGone(state: string): boolean {
  return /\) [ZX]/.test(state) || !state.includes("(sleep)");
}

async function withDirectory(body: (path: string) => Promise<void>) {
  const directory = await Deno.makeTempDir();
  try {
    await body(directory);
  } finally {
    await Deno.remove(directory, { recursive: true });
  }
}

Deno.test("startProcess() logs both outputs, through a prefix too", async () => {
  await withDirectory(async (directory) => {
    const log = `${directory}/log`;
    const child = startProcess({
      command: "sh",
      args: ["-c", "echo out; echo err >&2; pwd; echo $A"],
      directory,
      log,
      prefix: ["env", "A=prefixed"],
    });
    assertEquals((await child.ended).code, 0);
    assertEquals(child.running(), false);
    assertEquals(
      await Deno.readTextFile(log),
      `out\nerr\n${await Deno.realPath(directory)}\nprefixed\n`,
    );
    assertEquals(await logTail(log, 1), "prefixed");
    // Stopping what has ended is no error.
    await child.stop("SIGTERM", 1_000);
  });
});

Deno.test("stop() kills a child that ignores the signal", async () => {
  await withDirectory(async (directory) => {
    const log = `${directory}/log`;
    const changes = Deno.watchFs(directory);
    const child = startProcess({
      command: "sh",
      args: ["-c", "trap '' TERM; echo ready; while :; do sleep 0.05; done"],
      directory,
      log,
    });
    for await (const _ of changes) {
      if ((await logTail(log, 1)).includes("ready")) break;
    }
    await child.stop("SIGTERM", 20);
    assertEquals((await child.ended).signal, "SIGKILL");
  });
});

Deno.test("a child dies with its parent, however that dies", async () => {
  await withDirectory(async (directory) => {
    const module = new URL("process.ts", import.meta.url).href;
    const script = `
      import { startProcess } from ${JSON.stringify(module)};
      const child = startProcess({
        command: "sleep", args: ["600"], directory: ${
      JSON.stringify(directory)
    },
        log: ${JSON.stringify(`${directory}/log`)},
      });
      await Deno.stdout.write(new TextEncoder().encode(String(child.pid)));
      Deno.kill(Deno.pid, "SIGKILL");
    `;
    const { code, stdout } = await runCommand(
      [Deno.execPath(), "run", "--no-config", "--allow-all", "-"],
      { stdin: script },
    );
    assertEquals(code, 137);
    // The signal is sent before its parent's end is told; it dies when it is its turn.
    const end = performance.now() + LIMIT_MS;
    let state = await stateOf(stdout);
    while (!isGone(state) && performance.now() < end) {
      state = await stateOf(stdout);
    }
    assertEquals(isGone(state), true, state);
  });
});

Deno.test("logTail() says why it has nothing", async () => {
  assertStringIncludes(await logTail("/nonexistent/log", 3), "no log");
});

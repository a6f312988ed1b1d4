/**
 * The one place that decides whether tests with special privileges can run:
 * those that make network namespaces and capture frames.
 *
 * @module
 */
import { NativeError, openLibrary } from "../ffi/mod.ts";

/** Whether privileged tests can run: at once, in a user namespace, or why not. */
export type Privilege =
  | { readonly kind: "direct" }
  | { readonly kind: "userNamespace" }
  | { readonly kind: "missing"; readonly reason: string };

/** Registers a privileged test; see {@link privilegedTests}. */
export type PrivilegedTest = (
  name: string,
  run: (context: Deno.TestContext) => void | Promise<void>,
) => void;

/** What makes a normal user's process root over namespaces of its own. */
const USER_NAMESPACE = ["--user", "--map-root-user", "--net"];

/** Set for the child that runs a test file in a user namespace. */
const MARK = "HERALD_TEST_USER_NAMESPACE";

let known: Privilege | undefined;

/** Finds out, once, whether privileged tests can run here. */
export function privilege(): Privilege {
  known ??= findPrivilege();
  return known;
}

function findPrivilege(): Privilege {
  const unusable = libraryProblem();
  if (unusable !== undefined) return { kind: "missing", reason: unusable };
  if (unshares("--net")) return { kind: "direct" };
  if (unshares(...USER_NAMESPACE)) return { kind: "userNamespace" };
  return {
    kind: "missing",
    reason: "neither root nor allowed to make user namespaces " +
      "(unshare --user --map-root-user --net)",
  };
}

function libraryProblem(): string | undefined {
  try {
    openLibrary().close();
    return undefined;
  } catch (failure) {
    if (failure instanceof NativeError) return failure.message;
    throw failure;
  }
}

function unshares(...args: readonly string[]): boolean {
  try {
    return new Deno.Command("unshare", {
      args: [...args, "ip", "link", "set", "lo", "up"],
      stdout: "null",
      stderr: "null",
    }).outputSync().success;
  } catch (failure) {
    if (failure instanceof Deno.errors.NotFound) return false;
    throw failure;
  }
}

/**
 * Registers the privileged tests of a file.
 *
 * As root they are registered as they are. A normal user gets one test that
 * runs the file in a user namespace, where they are registered. Without either
 * they are registered as ignored and a line `SKIP <name>: <reason>` is printed.
 *
 * @param file the test file's `import.meta.url`.
 * @param register registers the tests with the function that it is given.
 * @throws {Error} instead of skipping when `CI` is `true`.
 */
export function privilegedTests(
  file: string,
  register: (test: PrivilegedTest) => void,
): void {
  const found = privilege();
  if (found.kind === "direct") {
    register((name, run) => Deno.test(name, run));
  } else if (found.kind === "missing") {
    register((name) => skip(name, found.reason));
  } else {
    const name = new URL(file).pathname.split("/").at(-1) ?? file;
    Deno.test(`${name}, privileged tests in a user namespace`, async () => {
      await runInUserNamespace(file);
    });
  }
}

/** Options of {@link skip}. */
export interface SkipOptions {
  /** Whether CI must be able to run it. Default `true`. */
  readonly required?: boolean;
}

/**
 * Registers a test that cannot run here as ignored, and says why.
 *
 * @throws {Error} when `CI` is `true` and the test is required.
 */
export function skip(
  name: string,
  reason: string,
  options: SkipOptions = {},
): void {
  if ((options.required ?? true) && Deno.env.get("CI") === "true") {
    throw new Error(`Cannot skip "${name}" in CI: ${reason}`);
  }
  Deno.stdout.writeSync(new TextEncoder().encode(`SKIP ${name}: ${reason}\n`));
  Deno.test({ name, ignore: true, fn: () => {} });
}

async function runInUserNamespace(file: string): Promise<void> {
  if (Deno.env.has(MARK)) {
    throw new Error("Cannot make namespaces inside the user namespace");
  }
  const { success, stdout, stderr } = await new Deno.Command("unshare", {
    args: [
      ...USER_NAMESPACE,
      Deno.execPath(),
      "test",
      "--allow-all",
      new URL(file).pathname,
    ],
    env: { [MARK]: "1", NO_COLOR: "1" },
  }).output();
  if (success) return;
  const decoder = new TextDecoder();
  throw new Error(decoder.decode(stdout) + decoder.decode(stderr));
}

/** The verbs as people run them, inside the lab. */
import { assertEquals } from "@std/assert";
import { SYSTEM_NAMESPACE } from "../../scripts/lab/objects.ts";
import { kubeconfigPath } from "../../scripts/lab/programs.ts";

const MAIN = new URL("../../main.ts", import.meta.url).pathname;

function command(
  permissions: string,
  args: readonly string[],
  prefix: readonly string[] = [],
): Deno.Command {
  const [program = "", ...rest] = [
    ...[...prefix, Deno.execPath(), "run", "--quiet", "--no-prompt"],
    ...[`-P=${permissions}`, MAIN, ...args],
  ];
  return new Deno.Command(program, {
    args: rest,
    stdin: "null",
    stdout: "piped",
    stderr: "piped",
  });
}

/** A verb that looks at the cluster. */
export function verb(name: string, ...args: readonly string[]): Deno.Command {
  return command("verb", [
    ...[name, "--kubeconfig", kubeconfigPath("speaker")],
    ...["--namespace", SYSTEM_NAMESPACE, ...args],
  ]);
}

async function outputOf(each: Deno.Command): Promise<string> {
  const { code, stdout, stderr } = await each.output();
  const text = new TextDecoder().decode(stdout);
  assertEquals(code, 0, text + new TextDecoder().decode(stderr));
  return text;
}

/** What a verb that looks at the cluster writes; it has to find all well. */
export function runVerb(
  name: string,
  ...args: readonly string[]
): Promise<string> {
  return outputOf(verb(name, ...args));
}

/** What `ping` writes on the client, which reaches no cluster. */
export function pingFromClient(...args: readonly string[]): Promise<string> {
  const there = ["ip", "netns", "exec", "client"];
  return outputOf(command("ping", ["ping", ...args], there));
}

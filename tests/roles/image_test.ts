/** The Containerfile and the Pods agree with the repository and each other. */
import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import { LIBRARY_PATHS } from "../../ffi/mod.ts";
import { parseManifests } from "../kubernetes/mod.ts";

const ROOT = new URL("../../", import.meta.url);

/** What `deno task bundle` makes, which is not in the repository. */
const BUNDLE = "dist";

/** Instructions with their arguments; continued lines are one. */
async function instructions(): Promise<readonly (readonly string[])[]> {
  const text = await Deno.readTextFile(new URL("Containerfile", ROOT));
  return text.replaceAll(/^#.*\n/gm, "").replaceAll("\\\n", " ")
    .split("\n").filter((line) => line !== "")
    .map((line) => line.split(/\s+/));
}

interface Containers {
  readonly spec: {
    readonly template: {
      readonly spec: {
        readonly containers: readonly {
          readonly command: readonly string[];
          readonly args: readonly string[];
        }[];
      };
    };
  };
}

/** The command line of a role's Pod. */
async function podCommand(role: string): Promise<readonly string[]> {
  const path = new URL(`manifests/base/${role}.yaml`, ROOT);
  const [manifest] = parseManifests(await Deno.readTextFile(path));
  const { spec } = manifest as unknown as Containers;
  const [container] = spec.template.spec.containers;
  assert(container !== undefined);
  return [...container.command, ...container.args];
}

Deno.test("the Containerfile copies only what the repository has", async () => {
  const copies = (await instructions()).filter(([word]) => word === "COPY")
    .filter(([, first = ""]) => !first.startsWith("--from="))
    .flatMap((words) => words.slice(1, -1));
  assertEquals(copies, ["deno.json", BUNDLE]);
  for (const path of copies.filter((one) => one !== BUNDLE)) {
    assert((await Deno.stat(new URL(path, ROOT))).isFile, path);
  }
  const bundle = await Deno.readTextFile(new URL("scripts/bundle.ts", ROOT));
  assertStringIncludes(bundle, `?? "${BUNDLE}"`);
});

Deno.test("the Containerfile takes the Deno that runs the tests", async () => {
  const bases = (await instructions()).filter(([word]) => word === "FROM")
    .map(([, image]) => image);
  assertEquals(bases, [
    `denoland/deno:bin-${Deno.version.deno}`,
    "debian:bookworm-slim",
    "scratch",
  ]);
});

Deno.test("the image has libpcap where the speaker looks for it", async () => {
  const runs = (await instructions()).filter(([word]) => word === "RUN").flat();
  assert(runs.includes("/usr/lib/*/libpcap.so.0.8"));
  for (const architecture of ["x86_64", "aarch64"]) {
    const path = `/usr/lib/${architecture}-linux-gnu/libpcap.so.0.8`;
    assert(LIBRARY_PATHS.includes(path), path);
  }
});

Deno.test("the image runs as nobody, and each Pod under its permission set", async () => {
  const all = await instructions();
  const last = (word: string) => all.findLast(([first]) => first === word);
  assertEquals(last("USER"), ["USER", "65534:65534"]);
  const entry: unknown = JSON.parse(
    last("ENTRYPOINT")?.slice(1).join(" ") ?? "",
  );
  const file = await Deno.readTextFile(new URL("deno.json", ROOT));
  const { permissions } = JSON.parse(file);
  for (const role of ["controller", "speaker"]) {
    const command = await podCommand(role);
    assertEquals(command, [
      ...["deno", "run", "--quiet", "--no-prompt"],
      `-P=${role}`,
      `/herald/${BUNDLE}/main.js`,
      role,
    ]);
    assert(permissions[role].read.includes(`./${BUNDLE}`), role);
    if (role === "controller") assertEquals(entry, command.slice(0, -1));
  }
});

/** Containerfile, image builder and Pods agree with the repository and each other. */
import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import { LIBRARY_PATHS } from "../../ffi/mod.ts";
import { ARCHITECTURES } from "../../scripts/image/architecture.ts";
import {
  parseInstructions,
  readDefinition,
} from "../../scripts/image/containerfile.ts";
import { RECORD_FORMAT } from "../../scripts/image/debian.ts";
import {
  LIBPCAP,
  PACKAGES,
  RELEASE_FILE,
} from "../../scripts/image/runtime.ts";
import { parseManifests } from "../kubernetes/mod.ts";
import { podContainer } from "./pod_manifest.ts";

const ROOT = new URL("../../", import.meta.url);

/** What `deno task bundle` makes, which is not in the repository. */
const BUNDLE = "dist";

async function text(path: string): Promise<string> {
  return await Deno.readTextFile(new URL(path, ROOT));
}

Deno.test("the Containerfile copies only what the repository has", async () => {
  const { copies } = readDefinition(await text("Containerfile"));
  const sources = copies.flatMap((one) => one.sources);
  assertEquals(sources.at(-1), BUNDLE);
  for (const path of sources.slice(0, -1)) {
    assert((await Deno.stat(new URL(path, ROOT))).isFile, path);
  }
  assertStringIncludes(await text("scripts/bundle.ts"), `?? "${BUNDLE}"`);
  const ignored = (await text(".dockerignore")).split("\n");
  assertEquals(ignored[0], "*");
  const allowed = ignored.filter((line) => line.startsWith("!"));
  assertEquals(allowed, sources.map((path) => `!${path}`));
});

Deno.test("the Containerfile takes the Deno that runs the tests", async () => {
  const { denoVersion } = readDefinition(await text("Containerfile"));
  assertEquals(denoVersion, Deno.version.deno);
});

Deno.test("image, manifests and deno.json have one version", async () => {
  const { labels } = readDefinition(await text("Containerfile"));
  const { version } = JSON.parse(await text("deno.json"));
  assertEquals(labels["org.opencontainers.image.version"], version);
  const base = await text("manifests/base/kustomization.yaml");
  const [kustomization] = parseManifests(base);
  assertEquals(kustomization?.images, [{ name: "herald", newTag: version }]);
  for (const role of ["controller", "speaker"]) {
    assertEquals((await podContainer(role)).image, "herald");
  }
});

Deno.test("the Containerfile collects what scripts/image collects", async () => {
  const file = await text("Containerfile");
  const runs = parseInstructions(file).filter(({ word }) => word === "RUN")
    .map(({ rest }) => rest);
  const [install = "", files = "", records = ""] = runs;
  // Every Debian has base-files.
  const [pcap = "", base] = PACKAGES;
  assert(install.endsWith(`--no-install-recommends ${pcap}`), install);
  assertEquals(base, "base-files");
  const roots = `/usr/bin/deno /usr/lib/*/${LIBPCAP}`;
  assertStringIncludes(files, `${roots} ${RELEASE_FILE} /image`);
  assertStringIncludes(files, `ldd ${roots} `);
  assertStringIncludes(records, `--showformat='${RECORD_FORMAT}'`);
});

Deno.test("the image has libpcap where the speaker looks for it", () => {
  for (const { triplet } of ARCHITECTURES) {
    const path = `/usr/lib/${triplet}/${LIBPCAP}`;
    assert(LIBRARY_PATHS.includes(path), path);
  }
});

Deno.test("the image runs as nobody, and each Pod under its permission set", async () => {
  const { user, entrypoint } = readDefinition(await text("Containerfile"));
  assertEquals(user, "65534:65534");
  const { permissions } = JSON.parse(await text("deno.json"));
  for (const role of ["controller", "speaker"]) {
    const { command, args, security } = await podContainer(role);
    assertEquals([...command, ...args], [
      ...["deno", "run", "--quiet", "--no-prompt"],
      `-P=${role}`,
      `/herald/${BUNDLE}/main.js`,
      role,
    ]);
    assert(permissions[role].read.includes(`./${BUNDLE}`), role);
    assertEquals(security.readOnlyRootFilesystem, true, role);
    assertEquals(security.allowPrivilegeEscalation, false, role);
    assertEquals(security.capabilities?.drop, ["ALL"], role);
    if (role === "controller") assertEquals(entrypoint, command);
  }
});

/** The program that is a member of memberlist's, and whether it can be had here. */
import { createHash } from "node:crypto";
import { buildGoProgram, cacheFolder } from "../../programs.ts";

/** The release that `go.mod` pins. */
export const MEMBERLIST_VERSION = "v0.6.0";

const FOLDER = new URL(".", import.meta.url).pathname;

/** The path of the program, built first if need be. */
export async function memberProgram(go: string): Promise<string> {
  const hash = createHash("sha256");
  for (const file of ["main.go", "go.mod", "go.sum"]) {
    hash.update(await Deno.readTextFile(FOLDER + file));
  }
  const version = `${MEMBERLIST_VERSION}-${hash.digest("hex").slice(0, 12)}`;
  const target = `${cacheFolder()}/memberlist-${version}/member`;
  await buildGoProgram({
    name: `a member of hashicorp/memberlist ${MEMBERLIST_VERSION}`,
    go,
    module: FOLDER,
    package: ".",
    linkerFlags: ["-s", "-w"],
    target,
  });
  return target;
}

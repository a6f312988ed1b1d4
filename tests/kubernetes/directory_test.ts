import { assertEquals } from "@std/assert";
import { createClusterDirectory } from "./directory.ts";

/** Folders with empty files below a temporary one. */
async function withFiles(
  folders: Readonly<Record<string, readonly string[]>>,
  body: (root: string) => Promise<void>,
): Promise<void> {
  const root = await Deno.makeTempDir();
  try {
    for (const [folder, files] of Object.entries(folders)) {
      await Deno.mkdir(`${root}/${folder}`, { recursive: true });
      for (const file of files) {
        await Deno.writeTextFile(`${root}/${folder}/${file}`, "");
      }
    }
    await body(root);
  } finally {
    await Deno.remove(root, { recursive: true });
  }
}

Deno.test("createClusterDirectory() removes what nobody uses any more", async () => {
  const gone = "herald-kubernetes-7-gone";
  const young = "herald-kubernetes-8-without-lock";
  const folders = {
    [gone]: ["lock", "etcd.log"],
    [young]: [],
    other: ["lock"],
  };
  await withFiles(folders, async (root) => {
    const list = async () => {
      const names: string[] = [];
      for await (const { name } of Deno.readDir(root)) names.push(name);
      return names.sort();
    };
    const first = await createClusterDirectory(root);
    const second = await createClusterDirectory(root);
    const inUse = [first.path, second.path]
      .map((path) => path.slice(root.length + 1));
    assertEquals(await list(), [...inUse, young, "other"].sort());
    await first.remove();
    await second.remove();
    assertEquals(await list(), [young, "other"]);
  });
});

/** Folders that hold what is to become a layer. */
import type { CopiedFiles } from "./containerfile.ts";
import { removeFolder } from "./debian.ts";
import { ImageError } from "./image_error.ts";
import type { RuntimeFiles } from "./runtime.ts";

/** Makes a folder of these files, in place of what was there. */
export async function stageRuntime(
  { files, texts }: RuntimeFiles,
  folder: string,
): Promise<void> {
  await emptyFolder(folder);
  for (const [path, source] of files) {
    await makeParent(folder + path);
    await Deno.copyFile(source, folder + path);
  }
  for (const [path, text] of texts) {
    await makeParent(folder + path);
    await Deno.writeTextFile(folder + path, text);
  }
}

/**
 * Makes a folder of what `COPY` names, in place of what was there.
 *
 * @param repository The folder that the sources are in.
 * @throws {ImageError} When one of them is not there.
 */
export async function stageCopies(
  copies: readonly CopiedFiles[],
  repository: string,
  folder: string,
): Promise<void> {
  await emptyFolder(folder);
  for (const { sources, target } of copies) {
    for (const source of sources) {
      await requireSource(`${repository}/${source}`);
      await copy(`${repository}/${source}`, folder + target);
    }
  }
}

async function requireSource(path: string): Promise<void> {
  try {
    await Deno.stat(path);
  } catch (cause) {
    if (!(cause instanceof Deno.errors.NotFound)) throw cause;
    throw new ImageError(`Cannot find ${path}: run deno task bundle first`, {
      cause,
    });
  }
}

/** As `COPY`: of a folder its content, into the target. */
async function copy(from: string, to: string): Promise<void> {
  const { isDirectory } = await Deno.stat(from);
  if (!isDirectory) {
    const name = to.endsWith("/") ? from.split("/").at(-1) : "";
    await makeParent(to + name);
    return await Deno.copyFile(from, to + name);
  }
  const folder = to.replace(/\/$/, "");
  await Deno.mkdir(folder, { recursive: true });
  for await (const { name, isDirectory } of Deno.readDir(from)) {
    const end = isDirectory ? "/" : "";
    await copy(`${from}/${name}`, `${folder}/${name}${end}`);
  }
}

async function emptyFolder(path: string): Promise<void> {
  await removeFolder(path);
  await Deno.mkdir(path, { recursive: true });
}

async function makeParent(path: string): Promise<void> {
  await Deno.mkdir(path.replace(/\/[^/]*$/, ""), { recursive: true });
}

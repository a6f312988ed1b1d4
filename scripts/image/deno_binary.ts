/** Deno's executable for a machine, from the npm registry. */
import type { Architecture } from "./architecture.ts";
import { run } from "./command.ts";
import { digestOf } from "./digest.ts";
import { ImageError } from "./image_error.ts";

/** Which executable. */
export interface DenoSelection {
  /** Version of Deno. */
  readonly version: string;
  /** For which machine. */
  readonly architecture: Architecture;
  /** Where packages come from, without a slash at its end. */
  readonly registry: string;
}

/**
 * Fetches the executable unless it is there, checks it, and gives its path.
 *
 * @param folder Keeps it for the next time.
 * @throws {ImageError} When it cannot be fetched, or is not the one that
 * `scripts/image/architecture.ts` names.
 */
export async function fetchDeno(
  selection: DenoSelection,
  folder: string,
): Promise<string> {
  const { version, architecture, registry } = selection;
  const file = `${folder}/deno-${version}`;
  if (await isFile(file)) return await checked(file, selection);
  await Deno.mkdir(folder, { recursive: true });
  const { denoPackage } = architecture;
  const base = denoPackage.split("/").at(-1) ?? "";
  const url = `${registry}/${denoPackage}/-/${base}-${version}.tgz`;
  const archive = `${folder}/deno.tgz`;
  await download(url, archive);
  await run(["tar", "-xzf", archive, "-C", folder, "package/deno"]);
  await Deno.remove(archive);
  const unpacked = await checked(`${folder}/package/deno`, selection);
  await Deno.rename(unpacked, file);
  return file;
}

async function isFile(path: string): Promise<boolean> {
  try {
    return (await Deno.stat(path)).isFile;
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return false;
    throw error;
  }
}

async function download(url: string, path: string): Promise<void> {
  try {
    const answer = await fetch(url);
    if (!answer.ok || answer.body === null) {
      await answer.body?.cancel();
      throw new Error(`the answer is ${answer.status}`);
    }
    const file = await Deno.create(path);
    await answer.body.pipeTo(file.writable);
  } catch (cause) {
    const why = cause instanceof Error ? cause.message : String(cause);
    throw new ImageError(`Cannot fetch ${url}: ${why}`, { cause });
  }
}

async function checked(
  file: string,
  { architecture, version }: DenoSelection,
): Promise<string> {
  const digest = await digestOf(file);
  if (digest === architecture.denoDigest) return file;
  throw new ImageError(
    `${file} has the SHA-256 ${digest}, not that of Deno ${version} for ${architecture.name} in scripts/image/architecture.ts: remove the file, or correct the digest if the version in the Containerfile was changed`,
  );
}

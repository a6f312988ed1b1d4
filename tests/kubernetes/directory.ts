/** Temporary folders of test clusters, and what a killed run left behind. */

const PREFIX = "herald-kubernetes-";

/** Where they are: short enough for Unix socket paths (107 bytes). */
const PARENT = "/tmp";

/** Locked as long as its folder is in use; the kernel unlocks it if that process dies. */
const LOCK = "lock";

/** A folder in use. */
export interface ClusterDirectory {
  readonly path: string;
  /** Removes the folder with everything in it. */
  remove(): Promise<void>;
}

/** Names of the folders that the process `pid` has made and not removed. */
export async function clusterDirectories(pid: number): Promise<string[]> {
  const names: string[] = [];
  for await (const { name } of Deno.readDir(PARENT)) {
    if (name.startsWith(`${PREFIX}${pid}-`)) names.push(name);
  }
  return names;
}

async function openLock(path: string): Promise<Deno.FsFile | undefined> {
  try {
    return await Deno.open(`${path}/${LOCK}`, { read: true });
  } catch (error) {
    // Somebody else's, or being made or removed at this moment.
    if (
      error instanceof Deno.errors.NotFound ||
      error instanceof Deno.errors.PermissionDenied
    ) return undefined;
    throw error;
  }
}

/** Removes folders that nobody uses any more: a run that was killed could not. */
export async function removeAbandoned(parent: string = PARENT): Promise<void> {
  for await (const entry of Deno.readDir(parent)) {
    if (!entry.isDirectory || !entry.name.startsWith(PREFIX)) continue;
    const path = `${parent}/${entry.name}`;
    using lock = await openLock(path);
    if (lock === undefined || !await lock.tryLock(true)) continue;
    await Deno.remove(path, { recursive: true });
  }
}

/** Makes a folder for one cluster below `parent`, and cleans up after killed runs. */
export async function createClusterDirectory(
  parent: string = PARENT,
): Promise<ClusterDirectory> {
  await removeAbandoned(parent);
  const prefix = `${PREFIX}${Deno.pid}-`;
  const path = await Deno.makeTempDir({ dir: parent, prefix });
  const file = `${path}/${LOCK}`;
  const lock = await Deno.open(file, { create: true, write: true });
  // Another process may have taken the new folder for an abandoned one.
  const isOurs = await lock.tryLock(true) &&
    await Deno.stat(file).then(() => true, () => false);
  if (!isOurs) {
    lock.close();
    return await createClusterDirectory(parent);
  }
  return {
    path,
    async remove() {
      await Deno.remove(path, { recursive: true });
      lock.close();
    },
  };
}

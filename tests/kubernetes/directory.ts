/** Temporary folders of test clusters, and what a killed run left behind. */

const PREFIX = "herald-kubernetes-";

async function processExists(pid: number): Promise<boolean> {
  return await Deno.stat(`/proc/${pid}`).then(() => true, () => false);
}

/** Where they are: short enough for Unix socket paths (107 bytes). */
const PARENT = "/tmp";

/** Names of the folders that the process `pid` has made and not removed. */
export async function clusterDirectories(pid: number): Promise<string[]> {
  const names: string[] = [];
  for await (const { name } of Deno.readDir(PARENT)) {
    if (name.startsWith(`${PREFIX}${pid}-`)) names.push(name);
  }
  return names;
}

/** Removes folders whose process is gone: a run that was killed could not. */
export async function removeAbandoned(parent: string = PARENT): Promise<void> {
  for await (const entry of Deno.readDir(parent)) {
    if (!entry.isDirectory || !entry.name.startsWith(PREFIX)) continue;
    const pid = Number(entry.name.slice(PREFIX.length).split("-")[0]);
    if (!Number.isInteger(pid) || await processExists(pid)) continue;
    await Deno.remove(`${parent}/${entry.name}`, { recursive: true })
      // Another test process may be removing the same folder.
      .catch((error) => {
        if (!(error instanceof Deno.errors.NotFound)) throw error;
      });
  }
}

/** Makes a folder for one cluster. */
export async function createClusterDirectory(): Promise<string> {
  await removeAbandoned();
  return await Deno.makeTempDir({
    dir: PARENT,
    prefix: `${PREFIX}${Deno.pid}-`,
  });
}

/** A Secret or ConfigMap as the kubelet mounts it. */

/** A folder whose files are replaced all at once, by a link that is moved. */
export class MountedFolder {
  /** Its path. */
  readonly path: string;
  #version = 0;
  #names: ReadonlySet<string> = new Set();

  /** The folder must be there, and empty. */
  constructor(path: string) {
    this.path = path;
  }

  /** Mounts other files, by name, in the order in which the kubelet works. */
  async replace(files: Readonly<Record<string, string>>): Promise<void> {
    const before = `${this.path}/..version-${this.#version}`;
    const data = `..version-${++this.#version}`;
    await Deno.mkdir(`${this.path}/${data}`);
    for (const [name, text] of Object.entries(files)) {
      await Deno.writeTextFile(`${this.path}/${data}/${name}`, text);
    }
    await Deno.symlink(data, `${this.path}/..data_tmp`);
    await Deno.rename(`${this.path}/..data_tmp`, `${this.path}/..data`);
    const names = new Set(Object.keys(files));
    for (const name of names.difference(this.#names)) {
      await Deno.symlink(`..data/${name}`, `${this.path}/${name}`);
    }
    for (const name of this.#names.difference(names)) {
      await Deno.remove(`${this.path}/${name}`);
    }
    this.#names = names;
    if (this.#version > 1) await Deno.remove(before, { recursive: true });
  }
}

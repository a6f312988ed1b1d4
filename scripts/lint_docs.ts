/** Lints the documentation of everything that a door (`mod.ts`) exports. */

function doors(): string[] {
  const found: string[] = [];
  for (const folder of ["mod", "."]) {
    for (const entry of Deno.readDirSync(folder)) {
      const door = `${folder}/${entry.name}/mod.ts`;
      if (entry.isDirectory && exists(door)) found.push(door);
    }
  }
  return found.sort();
}

function exists(path: string): boolean {
  try {
    return Deno.statSync(path).isFile;
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return false;
    throw error;
  }
}

const { code } = await new Deno.Command(Deno.execPath(), {
  args: ["doc", "--lint", ...doors()],
  stdin: "null",
  stdout: "inherit",
  stderr: "inherit",
}).output();
Deno.exit(code);

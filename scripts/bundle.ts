/**
 * Bundles the roles into dist/: `main.js`, what it loads on demand, and the
 * packet worker. Run it with `deno run dist/main.js speaker …`; the permission
 * set is that of deno.json with `./dist` in place of the sources.
 *
 * Usage: deno task bundle [--outdir=DIR]
 */

const outdir = Deno.args.find((arg) => arg.startsWith("--outdir="))
  ?.slice("--outdir=".length) ?? "dist";

try {
  Deno.removeSync(outdir, { recursive: true });
} catch (error) {
  if (!(error instanceof Deno.errors.NotFound)) throw error;
}
const { code } = await new Deno.Command(Deno.execPath(), {
  args: [
    "bundle",
    "--quiet",
    "--frozen",
    "--minify",
    // Errors and log lines show the names of classes.
    "--keep-names",
    // Keeps what a role does not need, client-node above all, out of memory.
    "--code-splitting",
    // The lab runs from a checkout only.
    "--external",
    "./scripts/lab/mod.ts",
    "--outdir",
    outdir,
    "main.ts",
    "speaker/packet/worker.ts",
  ],
  stdin: "null",
  stdout: "inherit",
  stderr: "inherit",
}).output();
if (code === 0) {
  const files = [...Deno.readDirSync(outdir)].filter(({ isFile }) => isFile);
  console.info(`Bundled into ${outdir}/: main.js and ${files.length} files`);
}
Deno.exit(code);

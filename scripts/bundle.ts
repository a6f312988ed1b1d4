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
/**
 * CommonJS packages ask for built-in modules through `require`. With code
 * splitting the bundler's stand-in for it lands in a chunk without one.
 */
const REQUIRE =
  'import{createRequire}from"node:module";var require=createRequire(import.meta.url);\n';

function giveRequire(path: string): void {
  const text = Deno.readTextFileSync(path);
  const isLacking = text.includes("Dynamic require of") &&
    !text.includes("createRequire");
  if (isLacking) Deno.writeTextFileSync(path, REQUIRE + text);
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
if (code !== 0) Deno.exit(code);
const files = [...Deno.readDirSync(outdir)].filter(({ isFile }) => isFile);
for (const { name } of files) giveRequire(`${outdir}/${name}`);
console.info(`Bundled into ${outdir}/: main.js and ${files.length - 1} chunks`);

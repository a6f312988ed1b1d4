/**
 * Bundles the roles into dist/: `main.js`, what it loads on demand, and the
 * packet worker. Run it with `deno run dist/main.js speaker …`; the permission
 * set is that of deno.json with `./dist` in place of the sources. Beside them
 * lie the licences of the packages that are bundled.
 *
 * Usage: deno task bundle [--outdir=DIR]
 */
import { formatLicences, readLicences } from "./licences.ts";

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

function giveRequire(text: string): string {
  const isLacking = text.includes("Dynamic require of") &&
    !text.includes("createRequire");
  return isLacking ? REQUIRE + text : text;
}

/**
 * Deno parses at start whatever a literal `import()` names: every role and verb,
 * the whole of client-node, what makes certificates. So their names are no
 * literals here. Then they are read when they are wanted, which takes the right
 * to; the verb `plan` has none.
 */
function hideImports(text: string): string {
  return text.replaceAll(
    /import\("(\.\/(?!plan-)[^"]*\.js)"\)/g,
    'import(["$1"][0])',
  );
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
for (const { name } of files) {
  const path = `${outdir}/${name}`;
  Deno.writeTextFileSync(
    path,
    hideImports(giveRequire(Deno.readTextFileSync(path))),
  );
}
Deno.writeTextFileSync(
  `${outdir}/LICENSES.txt`,
  formatLicences(await readLicences("main.ts")),
);
console.info(`Bundled into ${outdir}/: main.js and ${files.length - 1} chunks`);

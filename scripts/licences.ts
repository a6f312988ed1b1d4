/** Licences of the npm packages that Herald is made with. */

/** A package and what it says about its licence. */
export interface PackageLicence {
  /** `name@version`. */
  readonly name: string;
  /** SPDX expression of its package.json; empty when it has none. */
  readonly expression: string;
  /** Its licence and notice files. */
  readonly texts: readonly string[];
}

/** What `deno info --json` says about a package. */
interface NpmPackage {
  readonly name: string;
  readonly version: string;
  readonly localPath: string;
}

const FILE = /^(?:licen[cs]e|unlicense|copying|notice)(?:\.(?:md|txt))?$/i;

/** Types leave nothing in a bundle. */
const TYPES_ONLY = /^@types\//;

/** One text of all, by name. */
export function formatLicences(licences: readonly PackageLicence[]): string {
  return licences.toSorted((a, b) => a.name < b.name ? -1 : 1).map(
    ({ name, expression, texts }) => {
      const title = `${name} (${expression || "see below"})`;
      const all = texts.map((text) => `${text.trim()}\n`);
      return [`${title}\n${"=".repeat(title.length)}\n`, ...all].join("\n");
    },
  ).join("\n");
}

/**
 * Reads the licences of all packages that a file's imports lead to, in the
 * cache that Deno keeps of them.
 *
 * @throws {Error} When Deno cannot tell the imports, or a package says nothing
 * about its licence.
 */
export async function readLicences(
  entry: string,
): Promise<readonly PackageLicence[]> {
  const { success, stdout, stderr } = await new Deno.Command(Deno.execPath(), {
    args: ["info", "--json", entry],
    stdin: "null",
  }).output();
  if (!success) throw new Error(new TextDecoder().decode(stderr));
  const { npmPackages } = JSON.parse(new TextDecoder().decode(stdout));
  const packages: readonly NpmPackage[] = Object.values(npmPackages);
  const known = new Map(packages.map((one) => [one.localPath, one]));
  return await Promise.all(
    [...known.values()].filter(({ name }) => !TYPES_ONLY.test(name))
      .map(readLicence),
  );
}

async function readLicence(
  { name, version, localPath }: NpmPackage,
): Promise<PackageLicence> {
  const file = await Deno.readTextFile(`${localPath}/package.json`);
  const { license = "" } = JSON.parse(file);
  const entries = await Array.fromAsync(Deno.readDir(localPath));
  const files = entries.filter((entry) => entry.isFile && FILE.test(entry.name))
    .map((entry) => entry.name).sort();
  if (license === "" && files.length === 0) {
    throw new Error(`${name}@${version} does not say what its licence is`);
  }
  const texts = await Promise.all(
    files.map((each) => Deno.readTextFile(`${localPath}/${each}`)),
  );
  const expression = typeof license === "string" ? license : license.type;
  return { name: `${name}@${version}`, expression, texts };
}

/**
 * Debian packages of any architecture, fetched and unpacked without touching
 * what is installed on this machine: apt gets folders of its own and resolves
 * for a system on which nothing is installed.
 */
import type { Architecture } from "./architecture.ts";
import { run } from "./command.ts";

/** Which packages. */
export interface PackageSelection {
  /** Names; what they depend on comes along. */
  readonly packages: readonly string[];
  /** Code name of the release. */
  readonly suite: string;
  /** Where the archive is, without `/debian` at its end. */
  readonly mirror: string;
  /** For which machine. */
  readonly architecture: Architecture;
}

/** An unpacked package. */
export interface DebianPackage {
  /** Its name. */
  readonly name: string;
  /** Its version. */
  readonly version: string;
  /** What dpkg knows about it once it is installed, the fields in use. */
  readonly record: string;
  /** Folder with its files. */
  readonly folder: string;
}

/** Signs the archive; a package of the same name on Debian and on Ubuntu. */
const KEYRING = "/usr/share/keyrings/debian-archive-keyring.gpg";

/** The Containerfile asks dpkg-query for the same. */
export const RECORD_FORMAT: string = [
  "Package: ${Package}",
  "Status: install ok installed",
  "Architecture: ${Architecture}",
  "Source: ${source:Package} (${source:Version})",
  "Version: ${Version}",
  "",
].join("\\n");

/**
 * Fetches packages with all that they depend on, checks their signatures, and
 * unpacks them.
 *
 * @param folder Keeps what was fetched for the next time; a folder that holds nothing else.
 * @throws {ImageError} When apt or dpkg-deb fails, with what it said.
 */
export async function fetchPackages(
  selection: PackageSelection,
  folder: string,
): Promise<readonly DebianPackage[]> {
  const apt = await prepare(selection, folder);
  await apt("update");
  const install = ["--no-install-recommends", "install"];
  await apt("--download-only", ...install, ...selection.packages);
  // Older versions of former builds may lie beside what was chosen now.
  const plan = await apt("--simulate", ...install, ...selection.packages);
  const unpacked = `${folder}/unpacked`;
  await removeFolder(unpacked);
  const chosen = plan.matchAll(/^Inst (\S+) \((\S+) /gm);
  const files = await fetched(`${folder}/cache/archives`);
  return await Promise.all(
    Array.from(chosen, ([, name = "", version = ""]) => {
      const start = `${name}_${version.replaceAll(":", "%3a")}_`;
      const file = files.find((path) => path.includes(`/${start}`)) ?? start;
      return unpack(file, `${unpacked}/${name}`);
    }),
  );
}

type Apt = (...args: readonly string[]) => Promise<string>;

/** Makes apt's folders and gives the command that uses them. */
async function prepare(
  { suite, mirror, architecture }: PackageSelection,
  folder: string,
): Promise<Apt> {
  for (const path of ["lists/partial", "cache/archives/partial"]) {
    await Deno.mkdir(`${folder}/${path}`, { recursive: true });
  }
  const installed = `${folder}/status`;
  await Deno.writeTextFile(installed, "");
  const sources = `${folder}/sources.list`;
  const entry = (archive: string, name: string): string =>
    `deb [signed-by=${KEYRING}] ${mirror}/${archive} ${name} main\n`;
  await Deno.writeTextFile(
    sources,
    entry("debian", suite) +
      entry("debian-security", `${suite}-security`),
  );
  const settings = {
    "APT::Architecture": architecture.name,
    "APT::Architectures": architecture.name,
    "APT::Default-Release": "",
    "APT::Update::Error-Mode": "any",
    "Acquire::Languages": "none",
    "Dir::State::lists": `${folder}/lists`,
    "Dir::State::status": installed,
    "Dir::Cache": `${folder}/cache`,
    "Dir::Etc::SourceList": sources,
    "Dir::Etc::SourceParts": "/dev/null",
    "Dir::Etc::Preferences": "/dev/null",
    "Dir::Etc::PreferencesParts": "/dev/null",
    // This machine's own clean-up would look into the wrong folders.
    "APT::Update::Post-Invoke": "",
    "DPkg::Post-Invoke": "",
  };
  const options = Object.entries(settings).flatMap(([name, value]) => [
    "-o",
    `${name}=${value}`,
  ]);
  return (...args) => run(["apt-get", "-q", "-y", ...options, ...args]);
}

async function fetched(folder: string): Promise<readonly string[]> {
  const entries = await Array.fromAsync(Deno.readDir(folder));
  return entries.map(({ name }) => `${folder}/${name}`);
}

async function unpack(file: string, folder: string): Promise<DebianPackage> {
  await Deno.mkdir(folder, { recursive: true });
  await run(["dpkg-deb", "--extract", file, folder]);
  const show = ["dpkg-deb", "--show", "--showformat"];
  const identity = await run([...show, "${Package} ${Version}", file]);
  const [name = "", version = ""] = identity.split(" ");
  const record = await run([...show, RECORD_FORMAT, file]);
  return { name, version, record, folder };
}

/** Removes a folder with all that is in it, if there is one. */
export async function removeFolder(path: string): Promise<void> {
  try {
    await Deno.remove(path, { recursive: true });
  } catch (error) {
    if (!(error instanceof Deno.errors.NotFound)) throw error;
  }
}

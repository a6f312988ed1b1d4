/**
 * Collects what an image needs to run Deno and libpcap: the two, the libraries
 * that these need and no others, and what belongs to their packages.
 */
import type { Architecture } from "./architecture.ts";
import type { DebianPackage } from "./debian.ts";
import { dynamicLinks } from "./elf.ts";
import { ImageError } from "./image_error.ts";

/** Packages whose files the Containerfile names; the rest follows from these. */
export const PACKAGES: readonly string[] = ["libpcap0.8", "base-files"];

/** The library that the speaker opens. */
export const LIBPCAP = "libpcap.so.0.8";

/** What scanners for vulnerabilities tell Debian's release by. */
export const RELEASE_FILE = "/usr/lib/os-release";

/** Files by their path in the image. */
export interface RuntimeFiles {
  /** Path in the image → file on this machine. */
  readonly files: ReadonlyMap<string, string>;
  /** Path in the image → what is in it. */
  readonly texts: ReadonlyMap<string, string>;
}

/** A file out of a package. */
interface PackagedFile {
  /** Path on this machine. */
  readonly path: string;
  readonly package: DebianPackage;
}

/**
 * Follows the links of the two from library to library.
 *
 * @param deno Path of Deno's executable.
 * @param packages The packages and all that they depend on.
 * @throws {ImageError} When none of the packages has a file that is needed.
 */
export async function runtimeFiles(
  deno: string,
  { triplet }: Architecture,
  packages: readonly DebianPackage[],
): Promise<RuntimeFiles> {
  const pcap = `/usr/lib/${triplet}/${LIBPCAP}`;
  const found = new Map<string, PackagedFile>();
  const add = async (path: string): Promise<string> => {
    const file = await take(packages, path);
    found.set(path, file);
    return file.path;
  };
  await add(RELEASE_FILE);
  const waiting = [deno, await add(pcap)];
  for (const file of waiting) {
    const { interpreter, needed } = dynamicLinks(await Deno.readFile(file));
    // The dynamic linker is named among the libraries too, but is not there.
    const libraries = needed.filter((name) => !name.startsWith("ld-linux"))
      .map((name) => `/lib/${triplet}/${name}`);
    const linker = interpreter === undefined ? [] : [interpreter];
    for (const path of [...linker, ...libraries]) {
      if (!found.has(path)) waiting.push(await add(path));
    }
  }
  const used = new Set(Array.from(found.values(), (one) => one.package));
  const files = Array.from(found, ([to, { path }]) => [to, path] as const);
  return {
    files: new Map([
      ["/usr/bin/deno", deno],
      ...files,
      ...await copyrights(used, packages),
    ]),
    texts: new Map(Array.from(used, ({ name, record }) => {
      return [`/var/lib/dpkg/status.d/${name}`, record];
    })),
  };
}

async function take(
  packages: readonly DebianPackage[],
  path: string,
): Promise<PackagedFile> {
  for (const each of packages) {
    // Debian's /lib is a link to /usr/lib, whichever of the two a package names.
    for (const variant of [path, `/usr${path}`]) {
      const file = await follow(each.folder, variant);
      if (file !== undefined) return { path: file, package: each };
    }
  }
  const names = packages.map(({ name }) => name).join(", ");
  throw new ImageError(`Cannot find ${path} in the packages ${names}`);
}

/** Links in a package; a longer chain is a circle. */
const MAX_LINKS = 8;

/** The file behind a path in a folder that stands for `/`. */
async function follow(
  root: string,
  path: string,
): Promise<string | undefined> {
  let at = path;
  for (let links = 0; links < MAX_LINKS; links++) {
    const info = await lookAt(root + at);
    if (info?.isFile === true) return root + at;
    if (info?.isSymlink !== true) return undefined;
    const target = await Deno.readLink(root + at);
    at = new URL(target, `file://${at}`).pathname;
  }
  return undefined;
}

async function lookAt(path: string): Promise<Deno.FileInfo | undefined> {
  try {
    return await Deno.lstat(path);
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return undefined;
    if (error instanceof Deno.errors.NotADirectory) return undefined;
    throw error;
  }
}

/** Packages of one source may share a folder, one linking to the other's. */
async function copyrights(
  used: ReadonlySet<DebianPackage>,
  packages: readonly DebianPackage[],
): Promise<readonly (readonly [string, string])[]> {
  return await Promise.all(Array.from(used, async ({ name, folder }) => {
    const info = await lookAt(`${folder}/usr/share/doc/${name}`);
    const home = info?.isSymlink === true
      ? await Deno.readLink(`${folder}/usr/share/doc/${name}`)
      : name;
    const { path } = await take(packages, `/usr/share/doc/${home}/copyright`);
    return [`/usr/share/doc/${name}/copyright`, path] as const;
  }));
}

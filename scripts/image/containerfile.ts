/**
 * Reads the Containerfile: one text says what the image is, whoever builds it.
 * Only the instructions in use are known; another one is an error, so that no
 * builder leaves anything out.
 */
import { ImageError } from "./image_error.ts";

/** One instruction. */
export interface Instruction {
  /** `FROM`, `COPY` … */
  readonly word: string;
  /** What follows, continued lines joined by a space. */
  readonly rest: string;
}

/** Files that go from the repository into the image. */
export interface CopiedFiles {
  /** Paths from the root of the repository. */
  readonly sources: readonly string[];
  /** Where they go; a slash at the end makes it a folder. */
  readonly target: string;
}

/** What the last stage says about the image. */
export interface ImageDefinition {
  /** What `COPY` takes from the repository, in order. */
  readonly copies: readonly CopiedFiles[];
  /** `LABEL`. */
  readonly labels: Readonly<Record<string, string>>;
  /** `ENV`, as `NAME=value`. */
  readonly env: readonly string[];
  /** `WORKDIR`. */
  readonly workingDirectory: string;
  /** `USER`. */
  readonly user: string;
  /** `ENTRYPOINT`. */
  readonly entrypoint: readonly string[];
  /** Version of Deno, out of the first stage's base. */
  readonly denoVersion: string;
  /** Debian's code name, out of the second stage's base. */
  readonly debianSuite: string;
}

/** The instructions of a Containerfile, without comments. */
export function parseInstructions(text: string): readonly Instruction[] {
  return text.replaceAll(/^\s*#.*\n/gm, "").replaceAll(/\\\n\s*/g, " ")
    .split("\n").map((line) => line.trim()).filter((line) => line !== "")
    .map((line) => {
      const [word = "", ...rest] = line.split(/\s+/);
      return { word, rest: rest.join(" ") };
    });
}

/**
 * Reads what an image built from a Containerfile is.
 *
 * @throws {ImageError} For instructions and bases that are not known.
 */
export function readDefinition(text: string): ImageDefinition {
  const instructions = parseInstructions(text);
  const start = instructions.findLastIndex(({ word }) => word === "FROM");
  const stage = instructions.slice(start + 1);
  const known = ["COPY", "LABEL", "ENV", "WORKDIR", "USER", "ENTRYPOINT"];
  const unknown = stage.find(({ word }) => !known.includes(word));
  if (unknown !== undefined) {
    throw new ImageError(
      `Cannot follow the Containerfile: its last stage has "${unknown.word}", known are ${known.join()}`,
    );
  }
  const all = (word: string) =>
    stage.filter((one) => one.word === word).map(({ rest }) => rest);
  return {
    copies: all("COPY").filter((rest) => !rest.startsWith("--from="))
      .map(copiedFiles),
    labels: Object.fromEntries(all("LABEL").flatMap(assignments)),
    env: all("ENV").flatMap(assignments).map((pair) => pair.join("=")),
    workingDirectory: all("WORKDIR").at(-1) ?? "/",
    user: all("USER").at(-1) ?? "",
    entrypoint: JSON.parse(all("ENTRYPOINT").at(-1) ?? "[]"),
    ...bases(instructions),
  };
}

function copiedFiles(rest: string): CopiedFiles {
  const words = rest.split(" ");
  return { sources: words.slice(0, -1), target: words.at(-1) ?? "" };
}

/** `NAME=value NAME="value with spaces"`. */
function assignments(rest: string): [string, string][] {
  return [...rest.matchAll(/([\w.-]+)=(?:"([^"]*)"|(\S*))/g)]
    .map(([, name = "", quoted, plain = ""]) => [name, quoted ?? plain]);
}

function bases(
  instructions: readonly Instruction[],
): Pick<ImageDefinition, "denoVersion" | "debianSuite"> {
  const images = instructions.filter(({ word }) => word === "FROM")
    .map(({ rest }) => rest);
  const named = (pattern: RegExp): string => {
    const [, name] = images.map((image) => pattern.exec(image) ?? [])
      .find((match) => match.length > 0) ?? [];
    if (name !== undefined) return name;
    throw new ImageError(
      `Cannot follow the Containerfile: no FROM matches ${pattern}`,
    );
  };
  return {
    denoVersion: named(/^denoland\/deno:bin-([\d.]+)/),
    debianSuite: named(/^debian:(\w+)-slim/),
  };
}

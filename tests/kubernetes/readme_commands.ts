/** Commands that the README gives to an administrator, as they stand there. */

const README = new URL("../../README.md", import.meta.url);

/** Fenced blocks of a language below a heading, up to the next one. */
export async function blocksBelow(
  heading: string,
  language: string,
): Promise<readonly string[]> {
  const text = await Deno.readTextFile(README);
  const [, after] = text.split(`\n${heading}\n`);
  if (after === undefined) {
    throw new Error(`The README has no heading "${heading}"`);
  }
  const [section = ""] = after.split(/^##/m);
  const fence = new RegExp(`^\`\`\`${language}\n(.*?)^\`\`\`$`, "gms");
  return Array.from(section.matchAll(fence), ([, block = ""]) => block);
}

/** Blocks of shell commands below a heading that begin with kubectl. */
export async function kubectlBelow(
  heading: string,
): Promise<readonly string[]> {
  const blocks = await blocksBelow(heading, "sh");
  return blocks.filter((block) => block.startsWith("kubectl "));
}

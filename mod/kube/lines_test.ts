import { assertEquals, assertRejects } from "@std/assert";
import fc from "fast-check";
import { readLines, TooLarge } from "./lines.ts";

function stream(chunks: readonly Uint8Array[]): ReadableStream<Uint8Array> {
  return ReadableStream.from(chunks);
}

function cut(bytes: Uint8Array, sizes: readonly number[]): Uint8Array[] {
  const chunks: Uint8Array[] = [];
  let start = 0;
  for (const size of sizes) {
    chunks.push(bytes.subarray(start, start + size));
    start += size;
  }
  return [...chunks, bytes.subarray(start)];
}

const TEXT = fc.string({ unit: "grapheme" }).map((text) =>
  text.replaceAll("\n", "")
);

Deno.test("readLines() gives the same lines however they are cut", {
  permissions: "none",
}, async () => {
  await fc.assert(fc.asyncProperty(
    fc.array(TEXT),
    fc.array(fc.nat(20)),
    async (lines, sizes) => {
      const bytes = new TextEncoder().encode(
        lines.map((l) => `${l}\n`).join(""),
      );
      const read = await Array.fromAsync(
        readLines(stream(cut(bytes, sizes)), 10_000),
      );
      assertEquals(read, lines.filter((line) => line !== ""));
    },
  ));
});

Deno.test("readLines() drops a last line without its end", {
  permissions: "none",
}, async () => {
  const bytes = new TextEncoder().encode("a\nb");
  assertEquals(await Array.fromAsync(readLines(stream([bytes]), 10)), ["a"]);
  assertEquals(await Array.fromAsync(readLines(null, 10)), []);
});

Deno.test("a line may be as long as the limit and no longer", {
  permissions: "none",
}, async () => {
  const encode = (text: string) => new TextEncoder().encode(text);
  const fits = stream([encode("12345\n123"), encode("45\n")]);
  assertEquals(await Array.fromAsync(readLines(fits, 5)), ["12345", "12345"]);
  for (const chunks of [["123456\n"], ["123", "456"]]) {
    await assertRejects(
      () => Array.fromAsync(readLines(stream(chunks.map(encode)), 5)),
      TooLarge,
    );
  }
});

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

Deno.test(
  "readLines() reads a body of bytes into one buffer, and lets go of it",
  {
    permissions: "none",
  },
  async () => {
    const rooms = new Set<number>();
    let ended = "";
    const bytes = (lines: string[]): ReadableStream<Uint8Array> =>
      new ReadableStream({
        type: "bytes",
        pull: (controller) => {
          const text = new TextEncoder().encode(lines.shift());
          const { byobRequest } = controller;
          const view = byobRequest?.view;
          if (!view) throw new TypeError("No buffer was brought");
          rooms.add(view.buffer.byteLength);
          if (text.length === 0) controller.close();
          new Uint8Array(view.buffer).set(text);
          byobRequest.respond(text.length);
        },
        cancel: () => {
          ended = "cancelled";
        },
      });
    const read = (lines: string[], limit: number) =>
      Array.fromAsync(readLines(bytes(lines), limit));
    assertEquals(await read(["1\n2", "2\n", "33333\n"], 5), [
      "1",
      "22",
      "33333",
    ]);
    assertEquals([ended, rooms], ["", new Set([16_384])]);
    await assertRejects(() => read(["1\n", "333333\n"], 5), TooLarge);
    assertEquals(ended, "cancelled");
  },
);

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

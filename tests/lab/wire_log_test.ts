/** What a client sees is read once, in order, and does not pile up. */
import { assertEquals } from "@std/assert";
import { WireLog, WireWriter } from "../../scripts/lab/faults/wire_log.ts";

function line(number: number): string {
  const record = { atMs: number, kind: "answer", ip: "192.0.2.1", mac: "" };
  return `${JSON.stringify(record)}\n`;
}

function files(folder: string): string[] {
  return [...Deno.readDirSync(folder)].map(({ name }) => name).sort();
}

Deno.test.each([
  { keeps: false, left: ["wire-10.jsonl"] },
  {
    keeps: true,
    left: Array.from({ length: 10 }, (_, i) => `wire-${i + 1}.jsonl`).sort(),
  },
])(
  "WireLog reads every record once, over many files; kept: $keeps",
  async ({ keeps, left }) => {
    const folder = await Deno.makeTempDir();
    const log = new WireLog(folder, keeps);
    assertEquals(await log.read(), [], "nobody has begun");
    {
      using writer = new WireWriter(folder, 2 * line(10).length);
      const seen: number[] = [];
      for (let number = 10; number < 30; number++) {
        writer.write(line(number));
        if (number % 7 === 0) {
          seen.push(...(await log.read()).map(({ atMs }) => atMs));
        }
      }
      seen.push(...(await log.read()).map(({ atMs }) => atMs));
      assertEquals(seen, Array.from({ length: 20 }, (_, i) => i + 10));
    }
    assertEquals(await log.read(), []);
    assertEquals(files(folder), left);
    await Deno.remove(folder, { recursive: true });
  },
);

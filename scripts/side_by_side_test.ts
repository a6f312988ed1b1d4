import { assertEquals, assertRejects } from "@std/assert";
import { type Job, type Output, runSideBySide } from "./side_by_side.ts";

const options = { permissions: "none" } as const;

/** What was written, as one text. */
class Notes implements Output {
  text = "";

  writeSync(bytes: Uint8Array): number {
    this.text += new TextDecoder().decode(bytes);
    return bytes.length;
  }
}

/** Jobs that end when they are told to, and say when they begin and end. */
class Jobs {
  readonly log: string[] = [];
  readonly notes = new Notes();
  readonly #ends = new Map<string, () => void>();

  job(name: string, alone = false): Job<string> {
    return {
      alone,
      run: async (page) => {
        const out = page.over(this.notes);
        const write = (text: string): void => {
          this.log.push(`${name}${text}`);
          const bytes = new TextEncoder().encode(`${name}${text} `);
          out.writeSync(bytes);
          bytes.fill(0);
        };
        write("+");
        const { promise, resolve } = Promise.withResolvers<void>();
        this.#ends.set(name, resolve);
        await promise;
        write("-");
        return name;
      },
    };
  }

  /** Lets a job end, and all that follows from it happen. */
  async end(name: string): Promise<void> {
    this.#ends.get(name)?.();
    for (let turn = 0; turn < 20; turn++) await Promise.resolve();
  }
}

Deno.test(
  "runSideBySide() begins as many jobs as it may, in order",
  options,
  async () => {
    const jobs = new Jobs();
    const list = ["a", "b", "c"].map((name) => jobs.job(name));
    const done = runSideBySide(list, 2);
    assertEquals(jobs.log, ["a+", "b+"]);
    await jobs.end("b");
    assertEquals(jobs.log, ["a+", "b+", "b-", "c+"]);
    await jobs.end("c");
    await jobs.end("a");
    assertEquals(await done, ["a", "b", "c"]);
  },
);

Deno.test(
  "runSideBySide() lets nothing run beside a job that is alone",
  options,
  async () => {
    const jobs = new Jobs();
    const list = [jobs.job("a"), jobs.job("b", true), jobs.job("c")];
    const done = runSideBySide(list, 2);
    assertEquals(jobs.log, ["a+"]);
    await jobs.end("a");
    assertEquals(jobs.log, ["a+", "a-", "b+"]);
    await jobs.end("b");
    assertEquals(jobs.log, ["a+", "a-", "b+", "b-", "c+"]);
    await jobs.end("c");
    await done;
  },
);

Deno.test(
  "runSideBySide() shows what jobs write in their order, the first at once",
  options,
  async () => {
    const jobs = new Jobs();
    const list = ["a", "b", "c"].map((name) => jobs.job(name));
    const done = runSideBySide(list, 2);
    await jobs.end("b");
    assertEquals(jobs.notes.text, "a+ ");
    await jobs.end("a");
    assertEquals(jobs.notes.text, "a+ a- b+ b- c+ ");
    await jobs.end("c");
    assertEquals(jobs.notes.text, "a+ a- b+ b- c+ c- ");
    await done;
  },
);

Deno.test("runSideBySide() throws what a job throws", options, async () => {
  const jobs = new Jobs();
  const fails: Job<string> = {
    alone: false,
    run: () => Promise.reject(new Error("no such program")),
  };
  const done = runSideBySide([jobs.job("a"), fails], 2);
  await assertRejects(() => done, Error, "no such program");
  await jobs.end("a");
});

import { assertEquals } from "@std/assert";
import { getLogger } from "@logtape/logtape";
import { ManualClock, settle } from "../../tests/manual_clock.ts";
import type { KeyPair } from "../../mod/certificates/mod.ts";
import { CertificateFiles } from "./certificate_files.ts";

const FIRST: KeyPair = { certificate: "first", privateKey: "key" };
const SECOND: KeyPair = { certificate: "second", privateKey: "key" };

Deno.test(
  "CertificateFiles shows what the files hold, and what they hold later",
  {
    permissions: "none",
  },
  async () => {
    const clock = new ManualClock();
    const shown: string[] = [];
    let read = (): Promise<KeyPair> =>
      Promise.reject(new Error("no such file"));
    const files = new CertificateFiles({
      clock,
      log: getLogger(["herald", "test"]),
      source: () => read(),
      show: ({ certificate }) => {
        shown.push(certificate);
        return Promise.resolve();
      },
    });
    const stop = new AbortController();
    assertEquals(files.problem, "the files were not read yet");
    const running = files.run(stop.signal);
    await settle();
    assertEquals(files.problem, "no such file");
    read = () => Promise.resolve(FIRST);
    await clock.advance(5_000);
    assertEquals([files.problem, ...shown], [undefined, "first"]);
    // A moment at which they are being replaced changes nothing.
    read = () => Promise.reject(new Error("the key is another one's"));
    await clock.advance(5_000);
    assertEquals([files.problem, ...shown], [undefined, "first"]);
    read = () => Promise.resolve(SECOND);
    await clock.advance(10_000);
    assertEquals(shown, ["first", "second"]);
    stop.abort();
    await running;
  },
);

import { assertEquals, assertRejects, assertStringIncludes } from "@std/assert";
import { LAN, type SwimSettings, WAN } from "../../mod/swim/mod.ts";
import { ManualClock } from "../../tests/manual_clock.ts";
import { MEMBERLIST_CONFIG } from "../../tests/swim/memberlist_config.ts";
import { MemberFileError, MemberFiles } from "./member_files.ts";

const SECRET = "/etc/ml_secret_key";
const SETTINGS = "/etc/metallb/memberlist";
/** Between two readings, in ms. */
const CHECK = 10_000;

/** LAN, but with another interval. */
const CONFIG = { ...MEMBERLIST_CONFIG, ProbeInterval: "2s" };

/** A mount, and what is made of it. */
class Mounts implements AsyncDisposable {
  readonly clock = new ManualClock();
  readonly secrets: string[] = [];
  readonly settings: SwimSettings[] = [];
  /** Called with every path before it is read. */
  onRead: (path: string) => void = () => {};
  readonly #texts = new Map<string, string>();
  readonly #stop = new AbortController();
  #running: Promise<void> = Promise.resolve();

  /** Replaces all files of the Secret at once. */
  mountSecret(texts: Readonly<Record<string, string>>): void {
    this.#mount(SECRET, texts);
  }

  /** Replaces all files of the ConfigMap at once. */
  mountSettings(texts: Readonly<Record<string, string>>): void {
    this.#mount(SETTINGS, texts);
  }

  #mount(folder: string, texts: Readonly<Record<string, string>>): void {
    for (const path of this.#texts.keys()) {
      if (path.startsWith(folder)) this.#texts.delete(path);
    }
    for (const [name, text] of Object.entries(texts)) {
      this.#texts.set(`${folder}/${name}`, text);
    }
  }

  async open(): Promise<MemberFiles> {
    const files = await MemberFiles.open({
      secretFolder: SECRET,
      settingsFolder: SETTINGS,
      preset: LAN,
      readTextFile: (path) => this.#read(path),
      clock: this.clock,
    });
    this.#running = files.run({
      onSecrets: ({ primary, accepted }) =>
        this.secrets.push([primary, ...accepted].join()),
      onSettings: (settings) => this.settings.push(settings),
    }, this.#stop.signal);
    return files;
  }

  #read(path: string): Promise<string> {
    this.onRead(path);
    const text = this.#texts.get(path);
    return text === undefined
      ? Promise.reject(new Deno.errors.NotFound(path))
      : Promise.resolve(text);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#stop.abort();
    await this.#running;
  }
}

Deno.test("MemberFiles follow the keys of a rotation, and tell each change once", async () => {
  await using mounts = new Mounts();
  mounts.mountSecret({ "secretkey": "old" });
  const files = await mounts.open();
  assertEquals(files.secrets, { primary: "old", accepted: [] });
  for (
    const texts of [
      { "secretkey": "old", "secretkey-next": "new" },
      { "secretkey": "new", "secretkey-previous": "old" },
      { "secretkey": "new" },
    ]
  ) {
    mounts.mountSecret(texts);
    await mounts.clock.advance(3 * CHECK);
  }
  assertEquals(mounts.secrets, ["old,new", "new,old", "new"]);
  assertEquals(files.problems.size, 0);
});

Deno.test("MemberFiles take nothing that was read while the files were replaced", async () => {
  await using mounts = new Mounts();
  mounts.mountSecret({ "secretkey": "old", "secretkey-next": "new" });
  await mounts.open();
  mounts.onRead = (path) => {
    // The old secret has been read; what is read after it is new.
    if (!path.endsWith("-next")) return;
    mounts.onRead = () => {};
    mounts.mountSecret({ "secretkey": "new", "secretkey-previous": "old" });
  };
  await mounts.clock.advance(CHECK);
  assertEquals(mounts.secrets, ["new,old"]);
});

Deno.test("MemberFiles give up files that change all the time, and keep the keys", async () => {
  await using mounts = new Mounts();
  mounts.mountSecret({ "secretkey": "0" });
  const files = await mounts.open();
  let count = 0;
  mounts.onRead = (path) => {
    if (path.endsWith("secretkey")) {
      mounts.mountSecret({ "secretkey": String(++count) });
    }
  };
  await mounts.clock.advance(CHECK);
  assertEquals(mounts.secrets, []);
  assertStringIncludes(
    files.problems.get("secret") ?? "",
    "its files change all the time",
  );
});

Deno.test("MemberFiles keep the keys when the new ones cannot be used, and say so", async () => {
  await using mounts = new Mounts();
  mounts.mountSecret({ "secretkey": "old" });
  const files = await mounts.open();
  for (const texts of [{ "secretkey": "" }, {}]) {
    mounts.mountSecret(texts);
    await mounts.clock.advance(CHECK);
    assertEquals(files.secrets, { primary: "old", accepted: [] });
    const problem = files.problems.get("secret") ?? "";
    assertStringIncludes(problem, `secret in ${SECRET}: secretkey is `);
    assertStringIncludes(problem, "The keys before stay in force");
  }
  mounts.mountSecret({ "secretkey": "new" });
  await mounts.clock.advance(CHECK);
  assertEquals(mounts.secrets, ["new"]);
  assertEquals(files.problems.size, 0);
});

Deno.test("MemberFiles do not begin without a secret that can be used", async () => {
  for (const texts of [{}, { "secretkey": "" }]) {
    await using mounts = new Mounts();
    mounts.mountSecret(texts);
    await assertRejects(() => mounts.open(), MemberFileError, "secretkey is");
  }
});

Deno.test("MemberFiles take MetalLB's settings when they come, and the preset when they go", async () => {
  await using mounts = new Mounts();
  mounts.mountSecret({ "secretkey": "s" });
  const files = await mounts.open();
  assertEquals(files.settings, LAN);
  mounts.mountSettings({ "config.json": JSON.stringify(CONFIG) });
  await mounts.clock.advance(2 * CHECK);
  mounts.mountSettings({});
  await mounts.clock.advance(2 * CHECK);
  assertEquals(mounts.settings, [{ ...LAN, probeInterval: 2000 }, LAN]);
});

Deno.test("MemberFiles keep the last good settings, and say what is wrong with the new ones", async () => {
  await using mounts = new Mounts();
  mounts.mountSecret({ "secretkey": "s" });
  mounts.mountSettings({ "config.json": JSON.stringify(CONFIG) });
  const files = await mounts.open();
  assertEquals(files.settings.probeInterval, 2000);
  const text = JSON.stringify({ ...CONFIG, ProbeInterval: 1, GossipNodes: -1 });
  mounts.mountSettings({ "config.json": text });
  await mounts.clock.advance(CHECK);
  assertEquals(mounts.settings, []);
  assertEquals(files.settings.probeInterval, 2000);
  assertEquals(
    files.problems.get("settings"),
    `Cannot use the gossip settings in ${SETTINGS}/config.json (ConfigMap ` +
      "metallb-memberlist-config): ProbeInterval is 1: it must be a duration " +
      'such as "200ms". The settings before stay in force',
  );
});

Deno.test("MemberFiles begin with the preset when the settings cannot be used", async () => {
  await using mounts = new Mounts();
  mounts.mountSecret({ "secretkey": "s" });
  mounts.mountSettings({ "config.json": "{}" });
  const files = await mounts.open();
  assertEquals(files.settings, LAN);
  assertStringIncludes(files.problems.get("settings") ?? "", "is missing");
});

Deno.test("MemberFiles without folders are the preset, without a secret", async () => {
  const files = await MemberFiles.open({
    secretFolder: undefined,
    settingsFolder: undefined,
    preset: WAN,
    readTextFile: () => Promise.reject(new Error("nothing is to be read")),
    clock: new ManualClock(),
  });
  assertEquals(files.secrets, undefined);
  assertEquals(files.settings, WAN);
  assertEquals(files.problems.size, 0);
});

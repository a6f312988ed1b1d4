/** The members' secrets and settings, as they are mounted: read again and again. */
import { getLogger, type Logger } from "@logtape/logtape";
import {
  type MemberSecrets,
  readMemberlistSettings,
  readMemberSecrets,
  SECRET_FILES,
  type SecretTexts,
} from "../../mod/config/mod.ts";
import { secretFingerprint } from "../../mod/crypto/mod.ts";
import type { SwimSettings } from "../../mod/swim/mod.ts";
import { describeError } from "../../mod/telemetry/mod.ts";
import type { Clock } from "../../mod/time/mod.ts";

/** What {@linkcode MemberFiles} need. */
export interface MemberFilesOptions {
  /** Folder of the Secret `memberlist`; `undefined` = there is none. */
  readonly secretFolder: string | undefined;
  /** Folder of the ConfigMap `metallb-memberlist-config`; `undefined` = there is none. */
  readonly settingsFolder: string | undefined;
  /** Settings without that ConfigMap. */
  readonly preset: SwimSettings;
  readonly readTextFile: (path: string) => Promise<string>;
  readonly clock: Pick<Clock, "sleep">;
}

/** Told of what is new. */
export interface MemberFileHandlers {
  /** The secrets have changed. */
  readonly onSecrets: (secrets: MemberSecrets) => void;
  /** The settings have changed. */
  readonly onSettings: (settings: SwimSettings) => void;
}

/** Which of the files; a label of a metric. */
export type MemberFile = "secret" | "settings";

/** The secret cannot be used, and without one the members would not know each other. */
export class MemberFileError extends Error {
  /** Always `"MemberFileError"`. */
  override readonly name = "MemberFileError";
}

/** How often the files are read, in ms: the kubelet takes longer to bring what is new. */
const CHECK_MS = 10_000;
/** Readings after which files that change all the time are given up. */
const READINGS = 5;
/** The file in the ConfigMap, by MetalLB's name. */
const SETTINGS_FILE = "config.json";

/**
 * Keeps what the files last said that could be used. The kubelet replaces all
 * files of a mount at once, a minute or so after the object has changed.
 */
export class MemberFiles {
  readonly #options: MemberFilesOptions;
  readonly #log: Logger = getLogger(["herald", "speaker", "members"]);
  readonly #problems = new Map<MemberFile, string>();
  #secrets: MemberSecrets | undefined;
  /** The secret's files as they were last read, to read them once while nothing changes. */
  #texts = "";
  #settings: SwimSettings;

  private constructor(options: MemberFilesOptions) {
    this.#options = options;
    this.#settings = options.preset;
  }

  /**
   * Reads the files for the first time. Settings that cannot be used are told,
   * and the preset stays.
   *
   * @throws {MemberFileError} When the secret cannot be used.
   */
  static async open(options: MemberFilesOptions): Promise<MemberFiles> {
    const files = new MemberFiles(options);
    await files.#look();
    const problem = files.#problems.get("secret");
    if (problem !== undefined) throw new MemberFileError(problem);
    return files;
  }

  /** The secrets in force; `undefined` = nothing is protected. */
  get secrets(): MemberSecrets | undefined {
    return this.#secrets;
  }

  /** The settings in force. */
  get settings(): SwimSettings {
    return this.#settings;
  }

  /** Why the newest files are not in force, one sentence each. */
  get problems(): ReadonlyMap<MemberFile, string> {
    return this.#problems;
  }

  /** Reads them again and again, until the signal. */
  async run(
    { onSecrets, onSettings }: MemberFileHandlers,
    signal: AbortSignal,
  ): Promise<void> {
    while (!signal.aborted) {
      await this.#options.clock.sleep(CHECK_MS, signal);
      if (signal.aborted) return;
      const [secrets, settings] = [this.#secrets, this.#settings];
      await this.#look();
      if (this.#secrets !== secrets && this.#secrets !== undefined) {
        onSecrets(this.#secrets);
      }
      if (this.#settings !== settings) onSettings(this.#settings);
    }
  }

  async #look(): Promise<void> {
    const { secretFolder, settingsFolder } = this.#options;
    if (secretFolder !== undefined) {
      await this.#attempt("secret", () => this.#lookAtSecrets(secretFolder));
    }
    if (settingsFolder !== undefined) {
      await this.#attempt(
        "settings",
        () => this.#lookAtSettings(`${settingsFolder}/${SETTINGS_FILE}`),
      );
    }
  }

  async #attempt(file: MemberFile, look: () => Promise<void>): Promise<void> {
    try {
      await look();
      this.#problems.delete(file);
    } catch (error) {
      const problem = describeError(error);
      if (this.#problems.get(file) !== problem) {
        this.#log.error("{problem}", { problem, reason: "memberFileRefused" });
      }
      this.#problems.set(file, problem);
    }
  }

  async #lookAtSecrets(folder: string): Promise<void> {
    const result = readMemberSecrets(await this.#readSecretTexts(folder));
    if (result.kind === "refused") {
      throw new MemberFileError(
        `Cannot use the memberlist secret in ${folder}: ${
          result.problems.join("; ")
        }. ${
          this.#secrets === undefined ? "" : "The keys before stay in force"
        }`
          .trimEnd(),
      );
    }
    const { secrets } = result;
    if (JSON.stringify(secrets) === JSON.stringify(this.#secrets)) return;
    this.#secrets = secrets;
    const { primary, accepted } = fingerprintsOf(secrets);
    this.#log.info("Members' keys: sends with {primary}, accepts {accepted}", {
      primary,
      accepted: [primary, ...accepted],
    });
  }

  /** What is read while the files are replaced need not belong together. */
  async #readSecretTexts(folder: string): Promise<SecretTexts> {
    let before = this.#texts;
    for (let reading = 0; reading < READINGS; reading++) {
      const texts = await this.#readOnce(folder);
      const now = JSON.stringify(texts);
      if (now === before) {
        this.#texts = now;
        return texts;
      }
      before = now;
    }
    throw new MemberFileError(
      `Cannot read the memberlist secret in ${folder}: its files change all the time`,
    );
  }

  async #readOnce(folder: string): Promise<SecretTexts> {
    const [primary, next, previous] = await Promise.all([
      this.#read(`${folder}/${SECRET_FILES.primary}`),
      this.#read(`${folder}/${SECRET_FILES.next}`),
      this.#read(`${folder}/${SECRET_FILES.previous}`),
    ]);
    return { primary, next, previous };
  }

  async #lookAtSettings(path: string): Promise<void> {
    const text = await this.#read(path);
    const result = text === undefined
      ? { kind: "settings", settings: this.#options.preset } as const
      : readMemberlistSettings(text);
    if (result.kind === "refused") {
      throw new MemberFileError(
        `Cannot use the gossip settings in ${path} (ConfigMap metallb-memberlist-config): ${
          result.problems.join("; ")
        }. The settings before stay in force`,
      );
    }
    const { settings } = result;
    if (JSON.stringify(settings) === JSON.stringify(this.#settings)) return;
    this.#settings = settings;
    this.#log.info("Gossip settings: {origin}", {
      origin: text === undefined ? "the preset" : path,
      settings,
    });
  }

  /** The text of a file; `undefined` when there is none. */
  async #read(path: string): Promise<string | undefined> {
    try {
      return await this.#options.readTextFile(path);
    } catch (cause) {
      if (cause instanceof Error && cause.name === "NotFound") return undefined;
      throw new MemberFileError(
        `Cannot read ${path}: ${describeError(cause)}`,
        { cause },
      );
    }
  }
}

/** Secrets by what may be shown of them. */
export interface SecretFingerprints {
  readonly primary: string;
  readonly accepted: readonly string[];
}

/** What may be shown of secrets, to tell them apart. */
export function fingerprintsOf(
  { primary, accepted }: MemberSecrets,
): SecretFingerprints {
  const encoder = new TextEncoder();
  const of = (secret: string): string =>
    secretFingerprint(encoder.encode(secret));
  return { primary: of(primary), accepted: accepted.map(of) };
}

/** The configuration in force: the last valid one, whatever came after it. */
import {
  type Config,
  type ConfigResources,
  EMPTY_CONFIG,
  type Problem,
  resolveConfig,
} from "../mod/config/mod.ts";

/** What a new look at the resources led to. */
export interface ConfigUpdate {
  /** Whether the newest resources are in force. */
  readonly valid: boolean;
  /** Problems that were not there at the last look. */
  readonly newProblems: readonly Problem[];
}

/** Keeps the last valid configuration and the problems of the newest one. */
export class ConfigKeeper {
  #config: Config = EMPTY_CONFIG;
  #problems: readonly Problem[] = [];
  #isLoaded = false;
  #isStale = false;

  /** The configuration in force; without pools until one was valid. */
  get config(): Config {
    return this.#config;
  }

  /** What is wrong with the newest resources. */
  get problems(): readonly Problem[] {
    return this.#problems;
  }

  /** Whether a valid configuration was ever seen. */
  get isLoaded(): boolean {
    return this.#isLoaded;
  }

  /** Whether the newest resources are invalid. */
  get isStale(): boolean {
    return this.#isStale;
  }

  /** Resolves the resources anew. */
  update(resources: ConfigResources): ConfigUpdate {
    const known = new Set(this.#problems.map(identity));
    const { valid, config, problems } = resolveConfig(resources);
    this.#problems = problems;
    this.#isStale = !valid;
    if (valid) {
      this.#config = config;
      this.#isLoaded = true;
    }
    return {
      valid,
      newProblems: problems.filter((each) => !known.has(identity(each))),
    };
  }
}

function identity({ path, class: kind, message }: Problem): string {
  return `${path} ${kind} ${message}`;
}

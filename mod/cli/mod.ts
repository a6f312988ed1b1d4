/** Command lines: flags declared once, parsed, read from the environment, shown as help. */
export {
  choiceFlag,
  type Command,
  type Flag,
  type FlagOptions,
  type Flags,
  type FlagValues,
  formatHelp,
  numberFlag,
  parseCommand,
  type Parsed,
  switchFlag,
  textFlag,
  UsageError,
} from "./flags.ts";
export {
  type RoleFlags,
  roleFlags,
  type RoleLogLevel,
  type TlsVersionName,
} from "./role_flags.ts";
export { formatTable } from "./table.ts";

/** The command line of the controller. */
import {
  type Command,
  type FlagValues,
  type RoleFlags,
  roleFlags,
} from "../mod/cli/mod.ts";

/** The controller's flags by name. */
export type ControllerFlags = RoleFlags;

/** The values of the controller's flags. */
export type ControllerSettings = FlagValues<ControllerFlags>;

/** What `main.ts controller` takes. */
export const CONTROLLER: Command<ControllerFlags> = {
  name: "controller",
  summary: "Gives Services of type LoadBalancer their addresses.",
  description:
    "Runs once in the cluster. Watches Services and pools, writes the addresses into\n" +
    "the Services' status, and takes them back when they are not needed any more.",
  flags: roleFlags("::"),
};

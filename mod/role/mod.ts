/** What both roles do around their work, on the effects that a host gives. */
export type { Host, HttpServer } from "./host.ts";
export {
  type Cluster,
  openCluster,
  type RoleSettings,
  type RunningRole,
  runUntilStopped,
} from "./role.ts";

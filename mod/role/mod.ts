/** What both roles do around their work, on the effects that a host gives. */
export type {
  Address,
  Handler,
  Host,
  HttpServer,
  HttpsServer,
  Peer,
  TlsOptions,
} from "./host.ts";
export { serveHttps } from "./https_server.ts";
export { closeWithin } from "./close_within.ts";
export { certificateOf, type CertificateSource } from "./certificate_source.ts";
export {
  type Cluster,
  openCluster,
  type RoleContext,
  type RoleSettings,
  type RunningRole,
  runUntilStopped,
} from "./role.ts";

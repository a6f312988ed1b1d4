/**
 * The embedded API server as a process of its own, so that nothing that the
 * lab does delays the leases. Arguments: address, port.
 */
import { ApiServer } from "../../mod/apiserver/mod.ts";

const [hostname = "", port = ""] = Deno.args;
const server = new ApiServer({ now: () => Date.now() });
Deno.serve(
  { hostname, port: Number(port), onListen: () => {} },
  (request) => server.handle(request),
);

/**
 * A Pod of the lab: answers HTTP with its name and the client's address, and
 * echoes UDP. Arguments: name of the node, name of the Pod.
 */
import { createSocket } from "node:dgram";
import { POD_ECHO_PORT, POD_HTTP_PORT } from "./topology.ts";

const [node = "", pod = ""] = Deno.args;

function plainAddress(address: string): string {
  return address.replace(/^::ffff:/, "");
}

function answer(_request: Request, info: Deno.ServeHandlerInfo): Response {
  const { remoteAddr } = info;
  const client = "hostname" in remoteAddr
    ? plainAddress(remoteAddr.hostname)
    : "";
  return Response.json({ node, pod, client }, {
    headers: { connection: "close" },
  });
}

const echo = createSocket("udp6");
echo.on("message", (message, sender) => {
  echo.send(message, sender.port, sender.address);
});
echo.bind(POD_ECHO_PORT, "::");
Deno.serve(
  { hostname: "::", port: POD_HTTP_PORT, onListen: () => {} },
  answer,
);

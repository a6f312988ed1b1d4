/** Calling webhooks as the API server does. */
import { request } from "node:https";
import { connect } from "node:tls";

/** Name under which the API server calls. */
export const WEBHOOK_HOST = "metallb-webhook-service.metallb-system.svc";

/** The serial number of what a port shows to somebody who trusts an authority. */
export function shownAt(
  host: string,
  port: number,
  ca: string,
): Promise<string> {
  return new Promise((resolve, reject) => {
    const socket = connect({ host, port, ca, servername: WEBHOOK_HOST }, () => {
      const { serialNumber } = socket.getPeerCertificate();
      socket.on("close", () => resolve(serialNumber));
      socket.destroy();
    });
    socket.on("error", reject);
  });
}

/** Asks a replica directly, as the API server would. */
export function review(
  port: number,
  ca: string,
  body: string,
): Promise<string> {
  return new Promise((resolve, reject) => {
    const path = "/validate-metallb-io-v1beta1-ipaddresspool";
    const options = { host: "127.0.0.1", port, path, method: "POST" };
    const tls = { ca, servername: WEBHOOK_HOST };
    const sent = request({ ...options, ...tls }, (answer) => {
      let text = "";
      answer.on("data", (chunk) => text += chunk);
      answer.on("end", () => resolve(text));
    });
    sent.on("error", reject);
    sent.end(body);
  });
}

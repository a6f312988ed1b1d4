/** A scraper that does not check the certificate, as Prometheus may be told. */
import { request } from "node:https";

/** What a role answered. */
export interface Scraped {
  readonly status: number | undefined;
  readonly text: string;
  /** Version of TLS. */
  readonly version: string | null;
}

/** Asks for metrics over HTTPS. */
export function scrapeOverTls(
  at: { readonly host: string; readonly port: string },
  token?: string,
): Promise<Scraped> {
  return new Promise((resolve, reject) => {
    const asked = request({
      ...at,
      path: "/metrics",
      rejectUnauthorized: false,
      agent: false,
      headers: token === undefined ? {} : { authorization: `Bearer ${token}` },
    }, (answer) => {
      const { socket, statusCode: status } = answer;
      const version = "getProtocol" in socket &&
          typeof socket.getProtocol === "function"
        ? String(socket.getProtocol())
        : null;
      let text = "";
      answer.on("data", (bytes) => text += bytes);
      answer.on("end", () => resolve({ status, text, version }));
    });
    asked.on("error", reject);
    asked.end();
  });
}

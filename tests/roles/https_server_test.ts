import { assertEquals, assertRejects, assertThrows } from "@std/assert";
import { createServer } from "node:https";
import { connect } from "node:tls";
import { skip } from "../privileges.ts";
import {
  CertificateError,
  type KeyPair,
  loadIssuer,
} from "../../mod/certificates/mod.ts";
import {
  type Handler,
  type HttpsServer,
  serveHttps,
  type TlsOptions,
} from "../../mod/role/mod.ts";

const { issueAuthority, issueServer } = await loadIssuer();

const NOW = Date.now();
const AT = { hostname: "127.0.0.1", port: 0 };
const AUTHORITY = issueAuthority("test-ca", NOW);
const NAMES = { dnsNames: ["localhost"], ipAddresses: ["127.0.0.1"] };

function certificate(): KeyPair {
  return issueServer(AUTHORITY, NAMES, NOW);
}

function serve(
  tls: Partial<TlsOptions>,
  handler: Handler = () => Promise.resolve(new Response("ok")),
): Promise<HttpsServer> {
  return serveHttps(createServer, {
    at: AT,
    tls: { certificate: certificate(), ...tls },
    handler,
  });
}

/** A client that trusts the authority, with a connection for each request. */
function client(poolMaxIdlePerHost = 0): Deno.HttpClient {
  return Deno.createHttpClient({
    caCerts: [AUTHORITY.certificate],
    poolMaxIdlePerHost,
  });
}

/** Shakes hands; gives the version of TLS and what the server showed. */
function handshake(
  port: number,
  maxVersion?: "TLSv1.2",
): Promise<{ readonly version: string | null; readonly shown: string }> {
  return new Promise((resolve, reject) => {
    const socket = connect({
      host: "127.0.0.1",
      port,
      ca: AUTHORITY.certificate,
      servername: "localhost",
      ...maxVersion === undefined ? {} : { maxVersion },
    }, () => {
      const { serialNumber } = socket.getPeerCertificate();
      const version = socket.getProtocol();
      socket.on("close", () => resolve({ version, shown: serialNumber }));
      socket.destroy();
    });
    socket.on("error", reject);
  });
}

Deno.test("serveHttps() passes requests and answers through", async () => {
  const server = await serve({}, async (request, { address }) => {
    const { pathname, search } = new URL(request.url);
    const said = request.headers.get("x-said");
    const body = (await request.text()).length;
    return Response.json({
      address,
      path: pathname + search,
      method: request.method,
      said,
      body,
    }, { status: 418 });
  });
  const http = client(1);
  const url = `https://localhost:${server.port}/a?b=c`;
  const asked = await fetch(url, { client: http, headers: { "x-said": "hi" } });
  assertEquals(asked.status, 418);
  assertEquals(await asked.json(), {
    address: "127.0.0.1",
    path: "/a?b=c",
    method: "GET",
    said: "hi",
    body: 0,
  });
  const body = "x".repeat(300_000);
  const sent = await fetch(url, { client: http, method: "POST", body });
  assertEquals((await sent.json()).body, body.length);
  http.close();
  await server.close();
});

Deno.test("serveHttps() sends a long answer whole, and to who leaves no more", async () => {
  const long = Uint8Array.from({ length: 3_000_000 }, (_, at) => at % 251);
  const server = await serve({}, () => Promise.resolve(new Response(long)));
  const url = `https://localhost:${server.port}/`;
  const http = client();
  const whole = await fetch(url, { client: http });
  assertEquals(whole.headers.get("content-length"), String(long.length));
  assertEquals(await whole.bytes(), long);
  const head = await fetch(url, { client: http, method: "HEAD" });
  assertEquals(head.headers.get("content-length"), String(long.length));
  const left = await fetch(url, { client: http });
  await left.body?.cancel();
  http.close();
  await endsSoon(server);
});

Deno.test("serveHttps() answers 500 when the handler fails, and goes on", async () => {
  let calls = 0;
  const server = await serve({}, () => {
    if (++calls === 1) throw new Error("once");
    return Promise.resolve(new Response("ok"));
  });
  const http = client();
  for (const status of [500, 200]) {
    const url = `https://localhost:${server.port}/`;
    const response = await fetch(url, { client: http });
    await response.body?.cancel();
    assertEquals(response.status, status);
  }
  http.close();
  await server.close();
});

Deno.test("serveHttps() swaps its certificate under load, and no request fails", async () => {
  const server = await serve({});
  const url = `https://localhost:${server.port}/`;
  const shown = new Set<string>();
  let answers = 0;
  const askOften = async (): Promise<void> => {
    while (answers < 400) {
      const http = client();
      const response = await fetch(url, { client: http });
      assertEquals(await response.text(), "ok");
      http.close();
      if (++answers % 20 > 0) continue;
      server.replaceCertificate(certificate());
      shown.add((await handshake(server.port)).shown);
    }
  };
  await Promise.all(Array.from({ length: 8 }, askOften));
  assertEquals(shown.size >= 20, true);
  await server.close();
});

Deno.test("serveHttps() keeps open connections over a swap", async () => {
  const server = await serve({});
  const http = client(1);
  for (let i = 0; i < 3; i++) {
    const url = `https://localhost:${server.port}/`;
    assertEquals(await (await fetch(url, { client: http })).text(), "ok");
    server.replaceCertificate(certificate());
  }
  http.close();
  await server.close();
});

Deno.test("serveHttps() refuses what is older than its lowest version", async () => {
  const either = await serve({});
  assertEquals((await handshake(either.port)).version, "TLSv1.3");
  assertEquals((await handshake(either.port, "TLSv1.2")).version, "TLSv1.2");
  await either.close();
  const newest = await serve({ minVersion: "1.3" });
  assertEquals((await handshake(newest.port)).version, "TLSv1.3");
  await assertRejects(() => handshake(newest.port, "TLSv1.2"));
  await newest.close();
});

Deno.test("serveHttps() refuses a key of another certificate", async () => {
  const wrong = { ...certificate(), privateKey: certificate().privateKey };
  await assertRejects(() => serve({ certificate: wrong }), CertificateError);
  const server = await serve({});
  assertThrows(() => server.replaceCertificate(wrong), CertificateError);
  await handshake(server.port);
  await server.close();
});

Deno.test("serveHttps() closes more connections than it may have", async () => {
  const server = await serve({ maxConnections: 2 });
  const open = (): Promise<Deno.TlsConn> =>
    Deno.connectTls({
      hostname: "localhost",
      port: server.port,
      caCerts: [AUTHORITY.certificate],
    });
  const kept = [await open(), await open()];
  for (const connection of kept) await connection.handshake();
  await assertRejects(async () => {
    using third = await open();
    await third.handshake();
  });
  for (const connection of kept) connection.close();
  await server.close();
});

/** Sooner than any of the server's own limits sends an idle client away, in ms. */
const SOON = 8000;

async function endsSoon(server: HttpsServer): Promise<void> {
  const { promise, reject } = Promise.withResolvers<never>();
  const timer = setTimeout(() => reject(new Error("it waits")), SOON);
  try {
    await Promise.race([server.close(), promise]);
  } finally {
    clearTimeout(timer);
  }
}

const idle = [
  { client: "has been answered", shakes: true, asks: true },
  { client: "has not asked", shakes: true, asks: false },
  { client: "has not shaken hands", shakes: false, asks: false },
];

Deno.test.each(idle)("serveHttps() ends at once when a client $client", async ({
  shakes,
  asks,
}) => {
  let calls = 0;
  const server = await serve({}, () => {
    calls++;
    return Promise.resolve(new Response("ok"));
  });
  using tcp = await Deno.connect({ hostname: "127.0.0.1", port: server.port });
  if (shakes) {
    const tls = await Deno.startTls(tcp, {
      hostname: "localhost",
      caCerts: [AUTHORITY.certificate],
    });
    await tls.handshake();
    if (asks) await exchange(tls, "GET / HTTP/1.1\r\nhost: localhost\r\n\r\n");
    await endsSoon(server);
    tls.close();
  } else {
    // The server has met the client once it has answered a later one.
    await handshake(server.port);
    await endsSoon(server);
  }
  assertEquals(calls, asks ? 1 : 0);
});

/** Sends a request and reads until something of the answer comes. */
async function exchange(tls: Deno.TlsConn, request: string): Promise<string> {
  await tls.write(new TextEncoder().encode(request));
  const buffer = new Uint8Array(4096);
  const length = await tls.read(buffer) ?? 0;
  return new TextDecoder().decode(buffer.subarray(0, length));
}

Deno.test("serveHttps() ends when those that have asked have their answers", async () => {
  const { promise: asked, resolve: onAsked } = Promise.withResolvers<void>();
  const { promise, resolve: answer } = Promise.withResolvers<void>();
  const server = await serve({}, async () => {
    onAsked();
    await promise;
    return new Response("ok");
  });
  using tls = await Deno.connectTls({
    hostname: "localhost",
    port: server.port,
    caCerts: [AUTHORITY.certificate],
  });
  const said = exchange(tls, "GET / HTTP/1.1\r\nhost: localhost\r\n\r\n");
  await asked;
  const closed = endsSoon(server);
  answer();
  const text = await said;
  assertEquals(text.startsWith("HTTP/1.1 200"), true, text);
  await closed;
});

const OPENSSL = "openssl accepts what is issued";

async function verifyByOpenssl(): Promise<void> {
  const folder = await Deno.makeTempDir();
  await Deno.writeTextFile(`${folder}/ca.crt`, AUTHORITY.certificate);
  await Deno.writeTextFile(`${folder}/tls.crt`, certificate().certificate);
  const { stdout, stderr } = await new Deno.Command("openssl", {
    args: ["verify", "-x509_strict", "-purpose", "sslserver"].concat(
      ["-verify_hostname", "localhost", "-CAfile", "ca.crt", "tls.crt"],
    ),
    cwd: folder,
  }).output();
  await Deno.remove(folder, { recursive: true });
  const text = new TextDecoder();
  assertEquals(text.decode(stderr) + text.decode(stdout), "tls.crt: OK\n");
}

if (await isInstalled("openssl")) Deno.test(OPENSSL, verifyByOpenssl);
else skip(OPENSSL, "the command openssl is not installed");

async function isInstalled(command: string): Promise<boolean> {
  try {
    return (await new Deno.Command(command, { args: ["version"] }).output())
      .success;
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return false;
    throw error;
  }
}

// Sends a client's recorded bytes over a plain socket and parses the answer: an HTTP library of ours would add headers,
// change their case and encode what the client left as it was.

import { connect } from "node:net";
import { gunzipSync } from "node:zlib";
import { type Answer, type Exchange, json, type Session } from "./exchange.ts";

const DAY_MS = 86_400_000;
const TIMEOUT_MS = 10_000;

/** Plays one exchange: what the program that uses the client sees. The session remembers the message that was sent. */
export async function play(exchange: Exchange, session: Session): Promise<unknown> {
  const answer = await send(fill(exchange.request, session), Number(new URL(`http://${session.host}`).port));
  if (answer.status === 201) {
    const [{ msgid }] = json(answer.body) as [{ msgid: string }];
    Object.assign(session, { msgid, sentAt: Date.now() });
  }
  return exchange.read(answer);
}

function fill(request: string, { host, sid, token, hook, msgid, sentAt }: Session): string {
  const filled = request
    .replaceAll("{host}", host)
    .replaceAll("{basic}", Buffer.from(`${sid}:${token}`).toString("base64"))
    .replaceAll("{msgid}", msgid)
    .replaceAll("{hook}", encodeURIComponent(hook))
    .replaceAll(/\{today([+-]\d+)?\}/g, (_, days: string | undefined) =>
      new Date(sentAt + Number(days ?? 0) * DAY_MS).toISOString().slice(0, 10),
    );
  const body = filled.slice(filled.indexOf("\r\n\r\n") + 4);
  return filled.replace("{length}", String(Buffer.byteLength(body)));
}

async function send(request: string, port: number): Promise<Answer> {
  const socket = connect(port, "127.0.0.1");
  socket.setTimeout(TIMEOUT_MS, () => socket.destroy(new Error(`no whole answer within ${TIMEOUT_MS} ms`)));
  socket.write(request);
  let bytes = Buffer.alloc(0);
  // Leaving the loop closes the connection, as a client does that has its answer.
  for await (const chunk of socket) {
    bytes = Buffer.concat([bytes, chunk as Buffer]);
    const answer = parse(bytes);
    if (answer !== undefined) return answer;
  }
  throw new Error(`the connection ended within the answer:\n${bytes.toString()}`);
}

/** Undefined while the answer is not whole. */
function parse(bytes: Buffer): Answer | undefined {
  const end = bytes.indexOf("\r\n\r\n");
  if (end === -1) return undefined;
  const [statusLine = "", ...lines] = bytes.toString("latin1", 0, end).split("\r\n");
  const headers = new Map(lines.map((line) => splitHeader(line)));
  const rest = bytes.subarray(end + 4);
  const body = headers.get("transfer-encoding") === "chunked" ? joinChunks(rest) : cut(rest, headers);
  if (body === undefined) return undefined;
  const status = Number(/^HTTP\/1\.1 (\d{3}) /.exec(statusLine)?.[1]);
  return { status, headers, body: decode(body, headers.get("content-encoding")) };
}

function splitHeader(line: string): [string, string] {
  const colon = line.indexOf(":");
  return [line.slice(0, colon).toLowerCase(), line.slice(colon + 1).trim()];
}

function cut(rest: Buffer, headers: Map<string, string>) {
  const length = Number(headers.get("content-length"));
  return rest.length < length ? undefined : rest.subarray(0, length);
}

function joinChunks(rest: Buffer) {
  const chunks: Buffer[] = [];
  for (let at = 0; ;) {
    const lineEnd = rest.indexOf("\r\n", at);
    if (lineEnd === -1) return undefined;
    const size = Number.parseInt(rest.toString("latin1", at, lineEnd), 16);
    const start = lineEnd + 2;
    at = start + size + 2;
    if (rest.length < at) return undefined;
    if (size === 0) return Buffer.concat(chunks);
    chunks.push(rest.subarray(start, start + size));
  }
}

function decode(body: Buffer, encoding: string | undefined): string {
  if (encoding === undefined) return body.toString();
  // The one encoding that every client knows that names any.
  if (encoding === "gzip") return gunzipSync(body).toString();
  throw new Error(`the answer is encoded as ${encoding}`);
}

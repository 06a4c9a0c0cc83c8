// The files of docs/verify, in each language that this machine has: what is signed with the secret is taken, and what anybody could
// sign is not.

import { spawnSync } from "node:child_process";
import { createHmac } from "node:crypto";
import { cpSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { describe, expect, it } from "vitest";

const FILES = fileURLToPath(new URL("../../docs/verify/", import.meta.url));

interface Callback {
  secret: string;
  headers: Record<string, string>;
  body: string;
}

/** Each reads the callback as JSON from its input and prints true or false. `with`: what a folder needs beside the file. */
const LANGUAGES: Record<string, { command: string[]; with?: Record<string, string> }> = {
  node: {
    command: [
      process.execPath,
      "--input-type=module",
      "-e",
      `import { readFileSync } from "node:fs"; import { verify } from "./verify.mjs";
       const { secret, headers, body } = JSON.parse(readFileSync(0, "utf8")); console.log(verify(secret, headers, body));`,
    ],
  },
  python3: {
    command: [
      "python3",
      "-c",
      `import json, sys; from verify import verify; c = json.load(sys.stdin)
print(str(verify(c["secret"], c["headers"], c["body"].encode())).lower())`,
    ],
  },
  ruby: {
    command: [
      "ruby",
      "-rjson",
      "-r./verify.rb",
      "-e",
      `c = JSON.parse(STDIN.read); puts verify(c["secret"], c["headers"], c["body"])`,
    ],
  },
  php: {
    command: [
      "php",
      "-r",
      `require "verify.php"; $c = json_decode(file_get_contents("php://stdin"), true);
       echo verify($c["secret"], $c["headers"], $c["body"]) ? "true" : "false";`,
    ],
  },
  go: {
    command: ["go", "run", "./main"],
    with: {
      "go.mod": "module verify\n\ngo 1.21\n",
      "main/main.go": `package main
import ("encoding/json"; "fmt"; "net/http"; "os"; "verify")
func main() {
	var c struct { Secret, Body string; Headers map[string]string }
	if err := json.NewDecoder(os.Stdin).Decode(&c); err != nil { panic(err) }
	header := http.Header{}
	for name, value := range c.Headers { header.Set(name, value) }
	fmt.Println(verify.Verify(c.Secret, header, []byte(c.Body)))
}
`,
    },
  },
};

/** A callback whose signature is right for this key, which its receiver holds as `secret`. */
function callbackFor(key: Buffer, secret = `whsec_${key.toString("base64")}`): Callback {
  const [id, timestamp, body] = ["evt_1", String(Math.floor(Date.now() / 1_000)), '{"event":"link.first_accessed"}'];
  const digest = createHmac("sha256", key).update(`${id}.${timestamp}.${body}`).digest("base64");
  const headers = { "webhook-id": id, "webhook-timestamp": timestamp, "webhook-signature": `v1,${digest}` };
  return { secret, headers, body };
}

const isHere = ([program = ""]: string[]) => spawnSync(program, ["--version"]).error === undefined;

describe.each(Object.entries(LANGUAGES))("%s", (_, { command, with: more = {} }) => {
  const answered = (callback: Callback): string => {
    const folder = mkdtempSync(join(tmpdir(), "verify-"));
    try {
      cpSync(FILES, folder, { recursive: true });
      for (const [name, text] of Object.entries(more)) {
        mkdirSync(dirname(join(folder, name)), { recursive: true });
        writeFileSync(join(folder, name), text);
      }
      const [program = "", ...args] = command;
      const { stdout, stderr } = spawnSync(program, args, {
        cwd: folder,
        input: JSON.stringify(callback),
        encoding: "utf8",
      });
      return stdout.trim() || stderr;
    } finally {
      rmSync(folder, { recursive: true });
    }
  };
  const key = (bytes: number) => Buffer.alloc(bytes, "k");

  it.runIf(isHere(command)).each([
    ["a key of 32 bytes", callbackFor(key(32)), "true"],
    ["a key of 24 bytes", callbackFor(key(24)), "true"],
    ["another key", { ...callbackFor(key(32)), secret: callbackFor(key(24)).secret }, "false"],
    ["a key of 23 bytes", callbackFor(key(23)), "false"],
    ["an empty key", callbackFor(key(0)), "false"],
    ["a secret that was never set", callbackFor(key(0), ""), "false"],
    ["a secret that is no base64", callbackFor(key(0), "a"), "false"],
  ])("with %s", (_name, callback, verified) => {
    expect(answered(callback)).toBe(verified);
  });
});

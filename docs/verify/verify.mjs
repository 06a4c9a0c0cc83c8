// Verifies a callback with the standard library only. See docs/callbacks.md.

import { createHmac, timingSafeEqual } from "node:crypto";

/** Whether the callback is ours. `headers` as in `request.headers`; `body` is the raw body, a Buffer or a string. */
export function verify(secret, headers, body) {
  const { "webhook-id": id, "webhook-timestamp": timestamp, "webhook-signature": signatures = "" } = headers;
  if (!(Math.abs(Date.now() / 1000 - Number(timestamp)) <= 300)) return false;
  const key = Buffer.from((secret ?? "").replace(/^whsec_/, ""), "base64");
  // Anybody can sign with the key of a setting that was never set.
  if (key.length < 24) return false;
  const digest = createHmac("sha256", key).update(`${id}.${timestamp}.`).update(body).digest("base64");
  const expected = Buffer.from(`v1,${digest}`);
  return signatures.split(" ").some((signature) => {
    const given = Buffer.from(signature);
    return given.length === expected.length && timingSafeEqual(given, expected);
  });
}

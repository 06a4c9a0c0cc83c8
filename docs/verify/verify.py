"""Verifies a callback with the standard library only. See docs/callbacks.md."""

import base64
import hashlib
import hmac
import time


def verify(secret, headers, body):
    """Whether the callback is ours. `headers` maps names to text; `body` is the raw body as bytes."""
    msg_id = headers.get("webhook-id", "")
    timestamp = headers.get("webhook-timestamp", "")
    if not timestamp.isdecimal() or abs(time.time() - int(timestamp)) > 300:
        return False
    try:
        key = base64.b64decode((secret or "").removeprefix("whsec_"))
    except ValueError:
        return False
    # Anybody can sign with the key of a setting that was never set.
    if len(key) < 24:
        return False
    digest = hmac.new(key, f"{msg_id}.{timestamp}.".encode() + body, hashlib.sha256).digest()
    expected = b"v1," + base64.b64encode(digest)
    signatures = headers.get("webhook-signature", "").split(" ")
    return any(hmac.compare_digest(signature.encode(), expected) for signature in signatures)

-- alarm: 2037-02-01T00:16:28.397Z
CREATE TABLE account (
    id INTEGER PRIMARY KEY CHECK (id = 1),
    sid TEXT NOT NULL,
    name TEXT NOT NULL,
    callback_url TEXT,
    fallback_url TEXT,
    callback_secret TEXT NOT NULL,
    created_at INTEGER NOT NULL,
    closed_at INTEGER,
    revision INTEGER NOT NULL DEFAULT 1,
    version INTEGER NOT NULL DEFAULT 0,
    woken_at INTEGER,
    checked_to TEXT,
    sweep_due_at INTEGER,
    swept_to TEXT,
    support_url TEXT
  ) STRICT;
CREATE TABLE previous_secret (secret TEXT PRIMARY KEY, expires_at INTEGER NOT NULL) STRICT, WITHOUT ROWID;
CREATE TABLE token (id TEXT PRIMARY KEY, hash TEXT NOT NULL, created_at INTEGER NOT NULL) STRICT, WITHOUT ROWID;
CREATE TABLE link (
    created_at INTEGER NOT NULL,
    code TEXT NOT NULL,
    destination TEXT NOT NULL,
    short_url TEXT NOT NULL,
    msgid TEXT,
    callback_url TEXT,
    tags TEXT NOT NULL,
    reference TEXT,
    expires_at INTEGER NOT NULL,
    first_accessed_at INTEGER,
    closed_at INTEGER,
    revision INTEGER NOT NULL,
    PRIMARY KEY (created_at, code)
  ) STRICT, WITHOUT ROWID;
CREATE INDEX link_by_reference ON link (reference, created_at) WHERE reference IS NOT NULL;
CREATE TABLE idempotency (
    key TEXT PRIMARY KEY,
    fingerprint TEXT NOT NULL,
    made TEXT NOT NULL,
    opened_by TEXT NOT NULL,
    created_at INTEGER NOT NULL
  ) STRICT, WITHOUT ROWID;
CREATE INDEX idempotency_by_age ON idempotency (created_at);
CREATE TABLE tenant (
    sid TEXT PRIMARY KEY,
    name TEXT NOT NULL,
    created_at INTEGER NOT NULL,
    closed_at INTEGER
  ) STRICT, WITHOUT ROWID;
CREATE TABLE message (
    msgid TEXT PRIMARY KEY,
    origin TEXT NOT NULL,
    sender TEXT NOT NULL,
    recipient TEXT NOT NULL,
    text TEXT NOT NULL,
    parts INTEGER NOT NULL,
    cost REAL NOT NULL,
    tags TEXT NOT NULL,
    reference TEXT,
    callback_url TEXT,
    code TEXT,
    destination TEXT,
    short_url TEXT,
    link_expires_at INTEGER,
    created_at INTEGER NOT NULL,
    status TEXT NOT NULL,
    reason TEXT,
    carrier TEXT,
    carrier_id TEXT,
    first_accessed_at INTEGER,
    event_id TEXT,
    send_due_at INTEGER,
    jobs_sent INTEGER NOT NULL,
    claimed_at INTEGER,
    claim_id TEXT,
    tries INTEGER NOT NULL,
    forget_at INTEGER NOT NULL
  ) STRICT, WITHOUT ROWID;
CREATE INDEX message_to_send ON message (send_due_at) WHERE send_due_at IS NOT NULL;
CREATE INDEX message_to_forget ON message (forget_at);
CREATE TABLE closing (
    id INTEGER PRIMARY KEY CHECK (id = 1),
    created_at INTEGER,
    code TEXT,
    rounds INTEGER NOT NULL,
    due_at INTEGER NOT NULL
  ) STRICT;
INSERT INTO account (id, sid, name, callback_url, fallback_url, callback_secret, created_at, closed_at, revision, version, woken_at, checked_to, sweep_due_at, swept_to, support_url)
VALUES (1, '4czvxo5y4k0c1mkdep7s', 'closing', null, null, 'Za14VRNU.TOB9pFsdlFzHbsCuv8WTe9LbLE3+FivB1068S/ucEhBygoZLJSW8ho6RzACpUPkRtQbTghEq3yWO0Ygj0nGpXnycIccIlEz/VY1Na0FT', 2114380805000, 2117060180000, 1, 3, null, null, null, null, null);
INSERT INTO link (created_at, code, destination, short_url, msgid, callback_url, tags, reference, expires_at, first_accessed_at, closed_at, revision)
VALUES (2117060180000, '9MDCLqppHJ', 'https://example.com/offer', 'https://s.example.com/9MDCLqppHJ', null, 'http://receiver.invalid/closing-owed', '[]', null, 2124836180000, null, null, 1);
INSERT INTO link (created_at, code, destination, short_url, msgid, callback_url, tags, reference, expires_at, first_accessed_at, closed_at, revision)
VALUES (2117060180000, 'HgbFKH8DnN', 'https://example.com/offer', 'https://s.example.com/HgbFKH8DnN', null, 'http://receiver.invalid/closing', '[]', null, 2124836180000, null, null, 1);
INSERT INTO closing (id, created_at, code, rounds, due_at)
VALUES (1, null, null, 1, 2117060188397);

-- no alarm
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
    support_url TEXT,
    suspended_at INTEGER,
    messages_per_day INTEGER,
    links_per_day INTEGER,
    senders TEXT,
    timezone TEXT, country TEXT, language TEXT
  ) STRICT;
CREATE TABLE previous_secret (secret TEXT PRIMARY KEY, expires_at INTEGER NOT NULL) STRICT, WITHOUT ROWID;
CREATE TABLE token (
    id TEXT PRIMARY KEY, hash TEXT NOT NULL, created_at INTEGER NOT NULL, name TEXT, scopes TEXT, expires_at INTEGER, last_used_on TEXT
  ) STRICT, WITHOUT ROWID;
CREATE INDEX token_by_hash ON token (hash);
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
    ended_reason TEXT,
    PRIMARY KEY (created_at, code)
  ) STRICT, WITHOUT ROWID;
CREATE INDEX link_by_reference ON link (reference, created_at) WHERE reference IS NOT NULL;
CREATE TABLE idempotency (
    key TEXT PRIMARY KEY,
    fingerprint TEXT NOT NULL,
    made TEXT NOT NULL,
    opened_by TEXT NOT NULL,
    created_at INTEGER NOT NULL,
    book INTEGER
  ) STRICT, WITHOUT ROWID;
CREATE INDEX idempotency_by_age ON idempotency (created_at);
CREATE TABLE tenant (
    sid TEXT PRIMARY KEY,
    name TEXT NOT NULL,
    created_at INTEGER NOT NULL,
    closed_at INTEGER
  ) STRICT, WITHOUT ROWID;
CREATE INDEX tenant_by_age ON tenant (created_at, sid);
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
    forget_at INTEGER,
    given_at INTEGER,
    settled_at INTEGER
  ) STRICT, WITHOUT ROWID;
CREATE INDEX message_to_send ON message (send_due_at) WHERE send_due_at IS NOT NULL;
CREATE INDEX message_to_forget ON message (forget_at);
CREATE TABLE usage (
    day INTEGER PRIMARY KEY,
    links INTEGER NOT NULL,
    messages INTEGER NOT NULL,
    names TEXT
  ) STRICT;
CREATE TABLE session (
    hash TEXT PRIMARY KEY,
    id TEXT NOT NULL,
    is_link INTEGER NOT NULL,
    token_id TEXT,
    name TEXT,
    scopes TEXT,
    created_at INTEGER NOT NULL,
    expires_at INTEGER NOT NULL
  ) STRICT, WITHOUT ROWID;
CREATE TABLE book (
    number INTEGER PRIMARY KEY,
    month TEXT NOT NULL,
    from_at INTEGER NOT NULL,
    opened INTEGER NOT NULL DEFAULT 0,
    full INTEGER NOT NULL DEFAULT 0,
    archived_at INTEGER, archived_to INTEGER, emptied INTEGER NOT NULL DEFAULT 0
  ) STRICT;
INSERT INTO account (id, sid, name, callback_url, fallback_url, callback_secret, created_at, closed_at, revision, version, woken_at, checked_to, sweep_due_at, swept_to, support_url, suspended_at, messages_per_day, links_per_day, senders, timezone, country, language)
VALUES (1, 'w7812eh0xj2f2g4fh1lr', 'shop', 'http://receiver.invalid/shop', 'https://example.com/ended', 'Za14VRNU.LwfzFmEfhB/75yN/uC0JbhSopzWZp0NHo9d3h6hg0sT0KpmwbVL40Wq/dVVfmyZ9MTGfdVnN1kzd8PL2uaIEybo+8JHZ3Z9n0P+XMpMp', 2114380802000, null, 2, 10, null, null, null, null, 'https://example.com/help', null, null, null, null, null, null, null);
INSERT INTO token (id, hash, created_at, name, scopes, expires_at, last_used_on)
VALUES ('983pCKM5ZewzlFvxfPF_O', 'e7798b95ae178f886333cc24e8d7d0c4ade0eae346636df68171bc9612aee0c9', 2114380802000, null, '["full"]', null, '2037-02-01');
INSERT INTO token (id, hash, created_at, name, scopes, expires_at, last_used_on)
VALUES ('GQz0alNQc6fJZIrSY8sfm', 'limited:126c89474ebfa03a7342aa91d866bed41c52ae8a87ecbf3a8ab8f09edd7dfc15', 2114380805000, 'figures', '["read"]', 2145916805000, null);
INSERT INTO idempotency (key, fingerprint, made, opened_by, created_at, book)
VALUES ('order-1', 'E0qQCtufQDm+dtVIkKabZdZYkZF6FX1IyGQvajeWVIo=', 'Ddd9wCjwKh', 'waoRqtNGpjL3Ekk7ASCjQ', 2117060177000, 1);
INSERT INTO usage (day, links, messages, names)
VALUES (24503, 15, 0, '["G8W89K9no3Z7AXg4-A8Cb","Dc3sgRiRE98fD6jBB7alT","ZEFBZKvr1S5QqkMzLSo9g","A6bD6Gyhg8MYYCUU6Raui","rvQCZMmyLiQheHuO3MNR4","TG9z4rWYRkkWB24X2zTh_","rotPatxPynk4uRuJl4gwq","mYYBHoD0N-6C8G2CbUOsq","wa0uzy3cZrZi_Bk4Taq_c","9Ke-7PTOmHqBWJtTa5Z-Q","jLProhnaszaOgApUXXwNI","c12ddfSD_hO_rfMECLiD5","waoRqtNGpjL3Ekk7ASCjQ","5KIBJnO2R4_P0v17pV4jx","i6VPAPwIl19RBk6QuUtI0"]');
INSERT INTO book (number, month, from_at, opened, full, archived_at, archived_to, emptied)
VALUES (1, '2037-02', 2117059206000, 2117059206000, 0, null, null, 0);

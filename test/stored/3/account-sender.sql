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
    timezone TEXT, country TEXT, language TEXT,
    alert_url TEXT,
    pinned_views TEXT
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
    names TEXT,
    makers TEXT
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
CREATE TABLE act (
    at INTEGER NOT NULL,
    id TEXT NOT NULL,
    who TEXT NOT NULL,
    what TEXT NOT NULL,
    thing TEXT,
    count INTEGER NOT NULL,
    PRIMARY KEY (at, id)
  ) STRICT, WITHOUT ROWID;
CREATE TABLE book (
    number INTEGER PRIMARY KEY,
    month TEXT NOT NULL,
    from_at INTEGER NOT NULL,
    opened INTEGER NOT NULL DEFAULT 0,
    full INTEGER NOT NULL DEFAULT 0,
    archived_at INTEGER, archived_to INTEGER, emptied INTEGER NOT NULL DEFAULT 0
  ) STRICT;
INSERT INTO account (id, sid, name, callback_url, fallback_url, callback_secret, created_at, closed_at, revision, version, woken_at, checked_to, sweep_due_at, swept_to, support_url, suspended_at, messages_per_day, links_per_day, senders, timezone, country, language, alert_url, pinned_views)
VALUES (1, 'by0ycx5w5l1axr3dhqk3', 'sender', null, null, 'Za14VRNU.Kbpag8o/+WSoMzgFcHsF2tVRlu4Mqe0Jn1sKDa+0knKuf8Xbsi6te4MDWORjR7JqKPyyk/mne20ziUJhiQPYee06kAleqSPhs2OInv04', 2114380804000, null, 1, 13, null, null, null, null, null, null, null, null, null, null, null, null, null, null);
INSERT INTO token (id, hash, created_at, name, scopes, expires_at, last_used_on)
VALUES ('55kzoRBWi8HglZOY-cTNK', 'b4e73f54f3bf2abfe334d65a27b3c884734f258bfce6de034e2c46ff1a57721b', 2114380804000, null, '["full"]', null, '2037-02-01');
INSERT INTO usage (day, links, messages, names, makers)
VALUES (24503, 0, 8, '["2Wm81XQdLYU5ftUSdrlJh","H8ItWiUbT_VphZrzky9-g","ns4P1eQN4XvAaNInyaOCD","4GiwEWKqUAkLLswdxKLa4","tq8Dhi-jjpeUogGkYyx-k","GsnjwL7Zmr2s2G2mFeKSF","vLeDh-vG3DqhtBeUVFbjW","KXXrUtwoiw7SCn_Hfnamy"]', '[{"kind":"token","id":"55kzoRBWi8HglZOY-cTNK","name":null,"links":0,"linksAt":0,"messages":8,"messagesAt":2117060183800}]');
INSERT INTO book (number, month, from_at, opened, full, archived_at, archived_to, emptied)
VALUES (1, '2037-02', 2117060183100, 2117060183100, 0, null, null, 0);

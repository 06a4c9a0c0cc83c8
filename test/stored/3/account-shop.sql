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
VALUES (1, '4b6466c0npax8dygg1ni', 'shop', 'http://receiver.invalid/shop', 'https://example.com/ended', 'Za14VRNU.SsbkyIBu/TYURWt/1eP0/OTnlisxK7w1Bzwch6p4bZdL4c0sflgIIyAjvoFmUE/w4v3Wcua+G80D1kWEXMlFcfPoxuSy9+2e5KtZON0a', 2114380802000, null, 2, 13, null, null, null, null, 'https://example.com/help', null, null, null, null, null, null, null, null, '[]');
INSERT INTO token (id, hash, created_at, name, scopes, expires_at, last_used_on)
VALUES ('LFdGCO9nLu1xCpNZ7hHhp', '75a0f906184c6d3d2352eee28e5389bd8a14d2e4cca7238c9b015e41ca92bd07', 2114380802000, null, '["full"]', null, '2037-02-01');
INSERT INTO token (id, hash, created_at, name, scopes, expires_at, last_used_on)
VALUES ('RYQ7wurMggXlyavCF9BvQ', 'limited:bc574706fbc3ff212ed057bf3ff2c5645117b292de5c23790bc3563ee18b2c81', 2114380805000, 'figures', '["read"]', 2145916805000, null);
INSERT INTO idempotency (key, fingerprint, made, opened_by, created_at, book)
VALUES ('order-1', 'C5al5o/7jo6ai2KktKRc3DEGCiIP7jZqCTxNx8sJy7Q=', 'qMhmh6mfgK', 'vU0Y8kfsaIa6HdWhUPA7k', 2117060177000, 1);
INSERT INTO usage (day, links, messages, names, makers)
VALUES (24503, 15, 0, '["rH4-42c10MeeFHRgDnvoG","QqkMzLSo9gKqo7UoFkt3h","D6Gyhg8MYYCUU6Rauivyf","zarOZlV4KfCBHQ4nQd0YT","z4rWYRkkWB24X2zTh_rmr","qTTwzhpr66-3DmzOBGIyM","Pwa0uzy3cZrZi_Bk4Taq_","rohnaszaOgApUXXwNIheU","3Ekk7ASCjQwXb6bRWwrFH","0lZbIwm1PYIAAuwaoRqtN","OssDnmEhykju9h5KIBJnO","DiCr9qUKfTMRW_xm1eRXa","vU0Y8kfsaIa6HdWhUPA7k","8Q2aq81hApvLGQCKLrZ7r","foQovpPmzsFZZXOIHc8Z2"]', '[{"kind":"token","id":"LFdGCO9nLu1xCpNZ7hHhp","name":null,"links":15,"linksAt":2117060180000,"messages":0,"messagesAt":0}]');
INSERT INTO act (at, id, who, what, thing, count)
VALUES (2114380805000, 'IXS_-ahVXrjVwaWMd1bou', '{"kind":"token","id":"LFdGCO9nLu1xCpNZ7hHhp","name":null}', 'settings_changed', 'callback_url, fallback_url, support_url', 1);
INSERT INTO act (at, id, who, what, thing, count)
VALUES (2114380805000, 'zbVgU2yKFzwsHFoyIsGZT', '{"kind":"token","id":"LFdGCO9nLu1xCpNZ7hHhp","name":null}', 'token_made', 'RYQ7wurMggXlyavCF9BvQ', 1);
INSERT INTO act (at, id, who, what, thing, count)
VALUES (2117060170000, 'l4gwq8STsUEZeUkBVA9V1', '{"kind":"token","id":"LFdGCO9nLu1xCpNZ7hHhp","name":null}', 'link_ended', 'dMmRgr8HGk', 1);
INSERT INTO act (at, id, who, what, thing, count)
VALUES (2117060171000, 'K27Vf7pmJE8aA0KieNMA_', '{"kind":"token","id":"LFdGCO9nLu1xCpNZ7hHhp","name":null}', 'link_changed', 'qWmzzPPckr', 1);
INSERT INTO act (at, id, who, what, thing, count)
VALUES (2117060172000, 'I9Ke-7PTOmHqBWJtTa5Z-', '{"kind":"token","id":"LFdGCO9nLu1xCpNZ7hHhp","name":null}', 'link_changed', 'gNnkg9qCRF', 1);
INSERT INTO book (number, month, from_at, opened, full, archived_at, archived_to, emptied)
VALUES (1, '2037-02', 2117059206000, 2117059206000, 0, null, null, 0);

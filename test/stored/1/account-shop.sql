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
INSERT INTO account (id, sid, name, callback_url, fallback_url, callback_secret, created_at, closed_at, revision, version, woken_at, checked_to, sweep_due_at, swept_to, support_url)
VALUES (1, 'w7812eh0xj2f2g4fh1lr', 'shop', 'http://receiver.invalid/shop', 'https://example.com/ended', 'Za14VRNU.LwfzFmEfhB/75yN/uC0JbhSopzWZp0NHo9d3h6hg0sT0KpmwbVL40Wq/dVVfmyZ9MTGfdVnN1kzd8PL2uaIEybo+8JHZ3Z9n0P+XMpMp', 2114380802000, null, 2, 3, null, null, null, null, 'https://example.com/help');
INSERT INTO token (id, hash, created_at)
VALUES ('983pCKM5ZewzlFvxfPF_O', 'e7798b95ae178f886333cc24e8d7d0c4ade0eae346636df68171bc9612aee0c9', 2114380802000);
INSERT INTO token (id, hash, created_at)
VALUES ('GQz0alNQc6fJZIrSY8sfm', '126c89474ebfa03a7342aa91d866bed41c52ae8a87ecbf3a8ab8f09edd7dfc15', 2114380805000);
INSERT INTO link (created_at, code, destination, short_url, msgid, callback_url, tags, reference, expires_at, first_accessed_at, closed_at, revision)
VALUES (2117059206000, 'wMj9t6999c', 'https://example.com/offer', 'https://s.example.com/wMj9t6999c', null, 'http://receiver.invalid/exhausted', '["offer","exhausted"]', null, 2124835206000, 2117059206000, null, 2);
INSERT INTO link (created_at, code, destination, short_url, msgid, callback_url, tags, reference, expires_at, first_accessed_at, closed_at, revision)
VALUES (2117059867000, 'FdcnGbcgJb', 'https://example.com/offer', 'https://s.example.com/FdcnGbcgJb', null, 'http://receiver.invalid/failing', '["offer","failing"]', null, 2124835867000, 2117059867000, null, 2);
INSERT INTO link (created_at, code, destination, short_url, msgid, callback_url, tags, reference, expires_at, first_accessed_at, closed_at, revision)
VALUES (2117060048000, 'MLnPmtRFCG', 'https://example.com/offer', 'https://s.example.com/MLnPmtRFCG', null, 'http://receiver.invalid/delivered', '["offer","delivered"]', null, 2124836048000, 2117060048000, null, 2);
INSERT INTO link (created_at, code, destination, short_url, msgid, callback_url, tags, reference, expires_at, first_accessed_at, closed_at, revision)
VALUES (2117060109000, 'NBpqhJTd9C', 'https://example.com/offer', 'https://s.example.com/NBpqhJTd9C', null, 'http://receiver.invalid/expired', '["offer","expired"]', null, 2117060169000, null, null, 1);
INSERT INTO link (created_at, code, destination, short_url, msgid, callback_url, tags, reference, expires_at, first_accessed_at, closed_at, revision)
VALUES (2117060170000, 'LqTh77bkgL', 'https://example.com/offer', 'https://s.example.com/LqTh77bkgL', null, 'http://receiver.invalid/ended', '["offer","ended"]', null, 2124836170000, 2117060170000, 2117060170000, 3);
INSERT INTO link (created_at, code, destination, short_url, msgid, callback_url, tags, reference, expires_at, first_accessed_at, closed_at, revision)
VALUES (2117060171000, 'kwWdMmRgr8', 'https://example.com/offer', 'https://s.example.com/kwWdMmRgr8', null, null, '["offer","withdrawn"]', null, 2124836171000, 2117060171000, null, 3);
INSERT INTO link (created_at, code, destination, short_url, msgid, callback_url, tags, reference, expires_at, first_accessed_at, closed_at, revision)
VALUES (2117060172000, 'WqgzPcm6PH', 'https://example.com/moved', 'https://s.example.com/WqgzPcm6PH', null, 'http://receiver.invalid/changed', '[]', 'order-7', 2124836172000, null, null, 2);
INSERT INTO link (created_at, code, destination, short_url, msgid, callback_url, tags, reference, expires_at, first_accessed_at, closed_at, revision)
VALUES (2117060173000, 'gQTpgLK9fT', 'https://example.com/offer', 'https://s.example.com/gQTpgLK9fT', null, null, '["offer","uncalled"]', null, 2124836173000, null, null, 1);
INSERT INTO link (created_at, code, destination, short_url, msgid, callback_url, tags, reference, expires_at, first_accessed_at, closed_at, revision)
VALUES (2117060174000, 'Nnkg9qCRFR', 'https://example.com/offer', 'https://s.example.com/Nnkg9qCRFR', null, 'http://receiver.invalid/opened', '["offer","opened"]', null, 2124836174000, null, null, 1);
INSERT INTO link (created_at, code, destination, short_url, msgid, callback_url, tags, reference, expires_at, first_accessed_at, closed_at, revision)
VALUES (2117060175000, 'chosen', 'https://example.com/offer', 'https://s.example.com/chosen', null, 'http://receiver.invalid/chosen', '["offer","chosen"]', null, 2124836175000, null, null, 1);
INSERT INTO link (created_at, code, destination, short_url, msgid, callback_url, tags, reference, expires_at, first_accessed_at, closed_at, revision)
VALUES (2117060176000, 'r6f9pWwCzG', 'https://example.com/offer', 'https://s.example.com/r6f9pWwCzG', null, 'http://receiver.invalid/previewed', '["offer","previewed"]', null, 2124836176000, null, null, 1);
INSERT INTO link (created_at, code, destination, short_url, msgid, callback_url, tags, reference, expires_at, first_accessed_at, closed_at, revision)
VALUES (2117060177000, 'qTrkDdd9wC', 'https://example.com/keyed', 'https://s.example.com/qTrkDdd9wC', null, 'http://receiver.invalid/shop', '[]', null, 2124836177000, null, null, 1);
INSERT INTO link (created_at, code, destination, short_url, msgid, callback_url, tags, reference, expires_at, first_accessed_at, closed_at, revision)
VALUES (2117060178000, 'BgBMCkpL6N', 'https://example.com/offer', 'https://s.example.com/BgBMCkpL6N', null, 'http://receiver.invalid/owed', '["offer","owed"]', null, 2124836178000, null, null, 1);
INSERT INTO link (created_at, code, destination, short_url, msgid, callback_url, tags, reference, expires_at, first_accessed_at, closed_at, revision)
VALUES (2117060180000, 'PfR9CknN8r', 'https://example.com/offer', 'https://s.example.com/PfR9CknN8r', null, 'http://receiver.invalid/attempted', '["offer","attempted"]', null, 2124836180000, 2117060180000, null, 2);
INSERT INTO idempotency (key, fingerprint, made, opened_by, created_at)
VALUES ('order-1', 'a1d1443101d1efc15a3d3940e386a2435483bd8d0874b624b163b2b1ce917b63', 'qTrkDdd9wC', 'IAAuwaoRqtNGpjL3Ekk7A', 2117060177000);

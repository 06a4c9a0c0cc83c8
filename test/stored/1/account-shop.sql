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
VALUES (2114380806000, 'B768q6qBKt', 'https://example.com/offer', 'https://s.example.com/B768q6qBKt', null, 'http://receiver.invalid/exhausted', '["offer","exhausted"]', null, 2122156806000, 2114380806000, null, 2);
INSERT INTO link (created_at, code, destination, short_url, msgid, callback_url, tags, reference, expires_at, first_accessed_at, closed_at, revision)
VALUES (2114381467000, 'TgDwFTNwMj', 'https://example.com/offer', 'https://s.example.com/TgDwFTNwMj', null, 'http://receiver.invalid/failing', '["offer","failing"]', null, 2122157467000, 2114381467000, null, 2);
INSERT INTO link (created_at, code, destination, short_url, msgid, callback_url, tags, reference, expires_at, first_accessed_at, closed_at, revision)
VALUES (2114381648000, 'wgPQpWd6mt', 'https://example.com/offer', 'https://s.example.com/wgPQpWd6mt', null, 'http://receiver.invalid/delivered', '["offer","delivered"]', null, 2122157648000, 2114381648000, null, 2);
INSERT INTO link (created_at, code, destination, short_url, msgid, callback_url, tags, reference, expires_at, first_accessed_at, closed_at, revision)
VALUES (2114381709000, 'NNfQMQRnPB', 'https://example.com/offer', 'https://s.example.com/NNfQMQRnPB', null, 'http://receiver.invalid/expired', '["offer","expired"]', null, 2114381769000, null, null, 1);
INSERT INTO link (created_at, code, destination, short_url, msgid, callback_url, tags, reference, expires_at, first_accessed_at, closed_at, revision)
VALUES (2114381770000, 'CRJdGqLkjM', 'https://example.com/offer', 'https://s.example.com/CRJdGqLkjM', null, 'http://receiver.invalid/ended', '["offer","ended"]', null, 2122157770000, 2114381770000, 2114381770000, 3);
INSERT INTO link (created_at, code, destination, short_url, msgid, callback_url, tags, reference, expires_at, first_accessed_at, closed_at, revision)
VALUES (2114381771000, 'fpfP9tzMtN', 'https://example.com/offer', 'https://s.example.com/fpfP9tzMtN', null, null, '["offer","withdrawn"]', null, 2122157771000, 2114381771000, null, 3);
INSERT INTO link (created_at, code, destination, short_url, msgid, callback_url, tags, reference, expires_at, first_accessed_at, closed_at, revision)
VALUES (2114381772000, 'zQNWPqfrmG', 'https://example.com/moved', 'https://s.example.com/zQNWPqfrmG', null, 'http://receiver.invalid/changed', '[]', 'order-7', 2122157772000, null, null, 2);
INSERT INTO link (created_at, code, destination, short_url, msgid, callback_url, tags, reference, expires_at, first_accessed_at, closed_at, revision)
VALUES (2114381773000, 'k8Bg7kwWdM', 'https://example.com/offer', 'https://s.example.com/k8Bg7kwWdM', null, null, '["offer","uncalled"]', null, 2122157773000, null, null, 1);
INSERT INTO link (created_at, code, destination, short_url, msgid, callback_url, tags, reference, expires_at, first_accessed_at, closed_at, revision)
VALUES (2114381774000, '7gjjcWqgzP', 'https://example.com/offer', 'https://s.example.com/7gjjcWqgzP', null, 'http://receiver.invalid/opened', '["offer","opened"]', null, 2122157774000, null, null, 1);
INSERT INTO link (created_at, code, destination, short_url, msgid, callback_url, tags, reference, expires_at, first_accessed_at, closed_at, revision)
VALUES (2114381775000, 'chosen', 'https://example.com/offer', 'https://s.example.com/chosen', null, 'http://receiver.invalid/chosen', '["offer","chosen"]', null, 2122157775000, null, null, 1);
INSERT INTO link (created_at, code, destination, short_url, msgid, callback_url, tags, reference, expires_at, first_accessed_at, closed_at, revision)
VALUES (2114381776000, 'BWJf6jb6cT', 'https://example.com/offer', 'https://s.example.com/BWJf6jb6cT', null, 'http://receiver.invalid/previewed', '["offer","previewed"]', null, 2122157776000, null, null, 1);
INSERT INTO link (created_at, code, destination, short_url, msgid, callback_url, tags, reference, expires_at, first_accessed_at, closed_at, revision)
VALUES (2114381777000, 'MzBqjQcDTt', 'https://example.com/keyed', 'https://s.example.com/MzBqjQcDTt', null, 'http://receiver.invalid/shop', '[]', null, 2122157777000, null, null, 1);
INSERT INTO link (created_at, code, destination, short_url, msgid, callback_url, tags, reference, expires_at, first_accessed_at, closed_at, revision)
VALUES (2114381778000, 'mgDFKdPK8D', 'https://example.com/offer', 'https://s.example.com/mgDFKdPK8D', null, 'http://receiver.invalid/owed', '["offer","owed"]', null, 2122157778000, null, null, 1);
INSERT INTO link (created_at, code, destination, short_url, msgid, callback_url, tags, reference, expires_at, first_accessed_at, closed_at, revision)
VALUES (2114381780000, 'LwGhHtnkrD', 'https://example.com/offer', 'https://s.example.com/LwGhHtnkrD', null, 'http://receiver.invalid/attempted', '["offer","attempted"]', null, 2122157780000, 2114381780000, null, 2);
INSERT INTO idempotency (key, fingerprint, made, opened_by, created_at)
VALUES ('order-1', 'a1d1443101d1efc15a3d3940e386a2435483bd8d0874b624b163b2b1ce917b63', 'MzBqjQcDTt', 'z0m3PLTZO7rXH_ajI9Ke-', 2114381777000);

-- alarm: 2037-01-01T00:16:20.800Z
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
CREATE TABLE callback (
    event_id TEXT PRIMARY KEY,
    url TEXT,
    own_host TEXT NOT NULL,
    body TEXT NOT NULL,
    state TEXT NOT NULL,
    next_attempt_at INTEGER,
    due_at INTEGER,
    jobs_sent INTEGER NOT NULL
  ) STRICT, WITHOUT ROWID;
CREATE TABLE attempt (
    event_id TEXT NOT NULL,
    n INTEGER NOT NULL,
    at INTEGER NOT NULL,
    status INTEGER,
    error TEXT,
    duration_ms INTEGER,
    PRIMARY KEY (event_id, n)
  ) STRICT, WITHOUT ROWID;
CREATE INDEX callback_by_due ON callback (due_at) WHERE due_at IS NOT NULL;
INSERT INTO account (id, sid, name, callback_url, fallback_url, callback_secret, created_at, closed_at, revision, version, woken_at, checked_to, sweep_due_at, swept_to, support_url)
VALUES (1, 'rf5wy1ug6l3zuyum16zw', 'sender', null, null, 'Za14VRNU.1AySecZi9ZIoTdQK+6c773Cf+eLMAZgRkRJMq3OnUEe5fLUDYaMS/kSq6FzCgq3HH8/98MM5YSGz/F+644jNeyMshDjabhcuWmAE3zrT', 2114380804000, null, 1, 3, null, null, null, null, null);
INSERT INTO token (id, hash, created_at)
VALUES ('3VPTeq9z6gvFxuCoeWoiF', '74ddfc345d7f2c805f4435de3e35c4db57bb7b948e53566e7be66b53aa227069', 2114380804000);
INSERT INTO link (created_at, code, destination, short_url, msgid, callback_url, tags, reference, expires_at, first_accessed_at, closed_at, revision)
VALUES (2114381780100, 'hgqNB9MDCL', 'https://example.com/a?b=1', 'https://s.example.com/hgqNB9MDCL', '0qzc0bix0ZwdGDMT902Rr78VejQidb7K', 'http://receiver.invalid/link-failed', '[]', null, 2122157780100, null, null, 1);
INSERT INTO link (created_at, code, destination, short_url, msgid, callback_url, tags, reference, expires_at, first_accessed_at, closed_at, revision)
VALUES (2114381780200, 'dCNtBgnDPq', 'https://example.com/a?b=1', 'https://s.example.com/dCNtBgnDPq', '0qzc0bizsEH0Tgzvwkse4u2q3a9NGdHh', 'http://receiver.invalid/link-delivered', '["a","b"]', 'order-8', 2122157780200, 2114381780200, null, 2);
INSERT INTO link (created_at, code, destination, short_url, msgid, callback_url, tags, reference, expires_at, first_accessed_at, closed_at, revision)
VALUES (2114381780400, 'tmjqgkBF9R', 'https://example.com/a?b=1', 'https://s.example.com/tmjqgkBF9R', '0qzc0bj5chxz4dfSkLMWCVAP65gQvJX2', 'http://receiver.invalid/link-delivering', '[]', null, 2122157780400, null, null, 1);
INSERT INTO link (created_at, code, destination, short_url, msgid, callback_url, tags, reference, expires_at, first_accessed_at, closed_at, revision)
VALUES (2114381780500, '6JDJmLh9fg', 'https://example.com/a?b=1', 'https://s.example.com/6JDJmLh9fg', '0qzc0bj84Ge9foc4q6BUfa3ahLGMPceO', 'http://receiver.invalid/link-reported', '[]', null, 2122157780500, null, null, 1);
INSERT INTO link (created_at, code, destination, short_url, msgid, callback_url, tags, reference, expires_at, first_accessed_at, closed_at, revision)
VALUES (2114381780600, 'qJHWL8hCbf', 'https://example.com/a?b=1', 'https://s.example.com/qJHWL8hCbf', '0qzc0bjaw4fWsmNtFK39zTlz6jLhk1Ir', 'http://receiver.invalid/link-later', '[]', null, 2122157780600, null, null, 1);
INSERT INTO link (created_at, code, destination, short_url, msgid, callback_url, tags, reference, expires_at, first_accessed_at, closed_at, revision)
VALUES (2114381780700, 'gcTHdHmGff', 'https://example.com/a?b=1', 'https://s.example.com/gcTHdHmGff', '0qzc0bjdo92pfgdVTZXKL3tL30v10xDk', 'http://receiver.invalid/link-claimed', '[]', null, 2122157780700, null, null, 1);
INSERT INTO link (created_at, code, destination, short_url, msgid, callback_url, tags, reference, expires_at, first_accessed_at, closed_at, revision)
VALUES (2114381780800, 'cbTWzWkrFw', 'https://example.com/a?b=1', 'https://s.example.com/cbTWzWkrFw', '0qzc0bjggAaqr9z5JRltTvp1VZkzhNLm', 'http://receiver.invalid/link-queued', '[]', null, 2122157780800, null, null, 1);
INSERT INTO message (msgid, origin, sender, recipient, text, parts, cost, tags, reference, callback_url, code, destination, short_url, link_expires_at, created_at, status, reason, carrier, carrier_id, first_accessed_at, event_id, send_due_at, jobs_sent, claimed_at, claim_id, tries, forget_at)
VALUES ('0qzc0bix0ZwdGDMT902Rr78VejQidb7K', 'https://s.example.com', 'SHOP', '+819010000000', 'Your offer: https://s.example.com/hgqNB9MDCL Bye', 1, 0, '[]', null, 'http://receiver.invalid/message-failed', 'hgqNB9MDCL', 'https://example.com/a?b=1', 'https://s.example.com/hgqNB9MDCL', 2122157780100, 2114381780100, 'FAIL', '21211: Invalid ''To'' Phone Number', 'twilio', null, null, 'evt_7mbVNPdxYXzOfoQovpPmz', null, 1, null, 'sFZZXOIHc8Z2xihWreGlS', 0, 2124749780100);
INSERT INTO message (msgid, origin, sender, recipient, text, parts, cost, tags, reference, callback_url, code, destination, short_url, link_expires_at, created_at, status, reason, carrier, carrier_id, first_accessed_at, event_id, send_due_at, jobs_sent, claimed_at, claim_id, tries, forget_at)
VALUES ('0qzc0bizsEH0Tgzvwkse4u2q3a9NGdHh', 'https://s.example.com', 'SHOP', '+819010000001', 'Your offer: https://s.example.com/dCNtBgnDPq Bye', 1, 0, '["a","b"]', 'order-8', 'http://receiver.invalid/message-delivered', 'dCNtBgnDPq', 'https://example.com/a?b=1', 'https://s.example.com/dCNtBgnDPq', 2122157780200, 2114381780200, 'DELIVERED', null, 'twilio', 'SM-delivered', 2114381780200, 'evt_ypK8oQUonOiE60v-0BtCm', null, 1, null, 'PT8cnamaao6klLI2jqx4p', 0, 2124749780200);
INSERT INTO message (msgid, origin, sender, recipient, text, parts, cost, tags, reference, callback_url, code, destination, short_url, link_expires_at, created_at, status, reason, carrier, carrier_id, first_accessed_at, event_id, send_due_at, jobs_sent, claimed_at, claim_id, tries, forget_at)
VALUES ('0qzc0bj2kgQdHGI1CpRMkH4ahM27ZIHh', 'https://s.example.com', 'SHOP', '+819010000002', 'Your offer: https://example.com/a?b=1 Bye', 1, 0, '[]', null, null, null, null, null, null, 2114381780300, 'DELIVERING', null, 'twilio', 'SM-untracked', null, null, null, 1, null, '1A7NNdh5tD-m5AtiLuzGc', 0, 2124749780300);
INSERT INTO message (msgid, origin, sender, recipient, text, parts, cost, tags, reference, callback_url, code, destination, short_url, link_expires_at, created_at, status, reason, carrier, carrier_id, first_accessed_at, event_id, send_due_at, jobs_sent, claimed_at, claim_id, tries, forget_at)
VALUES ('0qzc0bj5chxz4dfSkLMWCVAP65gQvJX2', 'https://s.example.com', 'SHOP', '+819010000003', 'Your offer: https://s.example.com/tmjqgkBF9R Bye', 1, 0, '[]', null, 'http://receiver.invalid/message-delivering', 'tmjqgkBF9R', 'https://example.com/a?b=1', 'https://s.example.com/tmjqgkBF9R', 2122157780400, 2114381780400, 'DELIVERING', null, 'twilio', 'SM-delivering', null, null, null, 1, null, 'WMnp3e-lJBAWWLxqhBpJ-', 0, 2124749780400);
INSERT INTO message (msgid, origin, sender, recipient, text, parts, cost, tags, reference, callback_url, code, destination, short_url, link_expires_at, created_at, status, reason, carrier, carrier_id, first_accessed_at, event_id, send_due_at, jobs_sent, claimed_at, claim_id, tries, forget_at)
VALUES ('0qzc0bj84Ge9foc4q6BUfa3ahLGMPceO', 'https://s.example.com', 'SHOP', '+819010000004', 'Your offer: https://s.example.com/6JDJmLh9fg Bye', 1, 0, '[]', null, 'http://receiver.invalid/message-reported', '6JDJmLh9fg', 'https://example.com/a?b=1', 'https://s.example.com/6JDJmLh9fg', 2122157780500, 2114381780500, 'DELIVERED', null, 'twilio', 'SM-reported', null, 'evt_Jw-wfoiuWxVc22VmQndD8', null, 1, null, 's4P1eQN4XvAaNInyaOCDb', 0, 2124749780500);
INSERT INTO message (msgid, origin, sender, recipient, text, parts, cost, tags, reference, callback_url, code, destination, short_url, link_expires_at, created_at, status, reason, carrier, carrier_id, first_accessed_at, event_id, send_due_at, jobs_sent, claimed_at, claim_id, tries, forget_at)
VALUES ('0qzc0bjaw4fWsmNtFK39zTlz6jLhk1Ir', 'https://s.example.com', 'SHOP', '+819010000005', 'Your offer: https://s.example.com/qJHWL8hCbf Bye', 1, 0, '[]', null, 'http://receiver.invalid/message-later', 'qJHWL8hCbf', 'https://example.com/a?b=1', 'https://s.example.com/qJHWL8hCbf', 2122157780600, 2114381780600, 'QUEUED', '20503: busy', 'twilio', null, null, null, 2114381782871, 0, null, 'NZkUIBhEYwNQ5r4GiwEWK', 1, 2124749780600);
INSERT INTO message (msgid, origin, sender, recipient, text, parts, cost, tags, reference, callback_url, code, destination, short_url, link_expires_at, created_at, status, reason, carrier, carrier_id, first_accessed_at, event_id, send_due_at, jobs_sent, claimed_at, claim_id, tries, forget_at)
VALUES ('0qzc0bjdo92pfgdVTZXKL3tL30v10xDk', 'https://s.example.com', 'SHOP', '+819010000006', 'Your offer: https://s.example.com/gcTHdHmGff Bye', 1, 0, '[]', null, 'http://receiver.invalid/message-claimed', 'gcTHdHmGff', 'https://example.com/a?b=1', 'https://s.example.com/gcTHdHmGff', 2122157780700, 2114381780700, 'QUEUED', null, 'twilio', null, null, null, 2114381840700, 1, 2114381780700, 'ea6OKY9FNXDDCXhCtCyr5', 0, 2124749780700);
INSERT INTO message (msgid, origin, sender, recipient, text, parts, cost, tags, reference, callback_url, code, destination, short_url, link_expires_at, created_at, status, reason, carrier, carrier_id, first_accessed_at, event_id, send_due_at, jobs_sent, claimed_at, claim_id, tries, forget_at)
VALUES ('0qzc0bjggAaqr9z5JRltTvp1VZkzhNLm', 'https://s.example.com', 'SHOP', '+819010000007', 'Your offer: https://s.example.com/cbTWzWkrFw Bye', 1, 0, '[]', null, 'http://receiver.invalid/message-queued', 'cbTWzWkrFw', 'https://example.com/a?b=1', 'https://s.example.com/cbTWzWkrFw', 2122157780800, 2114381780800, 'QUEUED', null, null, null, null, null, 2114381780800, 0, null, null, 0, 2124749780800);
INSERT INTO callback (event_id, url, own_host, body, state, next_attempt_at, due_at, jobs_sent)
VALUES ('evt_7mbVNPdxYXzOfoQovpPmz', 'http://receiver.invalid/message-failed', 's.example.com', '{"type":"message.failed","timestamp":"2037-01-01T00:16:20.100Z","data":{"msgid":"0qzc0bix0ZwdGDMT902Rr78VejQidb7K","url":"https://s.example.com/sms/messages/0qzc0bix0ZwdGDMT902Rr78VejQidb7K/","sender":"SHOP","recipient":"+819010000000","status":"FAIL","reason":"21211: Invalid ''To'' Phone Number","sent_time":"2037-01-01 00:16:20","cost":0,"parts":1,"tags":[],"reference":null,"link_tracking":{"link":"https://example.com/a?b=1","shortlink":"https://s.example.com/hgqNB9MDCL","accessed":false,"accessed_on":null}}}', 'delivered', null, null, 0);
INSERT INTO callback (event_id, url, own_host, body, state, next_attempt_at, due_at, jobs_sent)
VALUES ('evt_Jw-wfoiuWxVc22VmQndD8', 'http://receiver.invalid/message-reported', 's.example.com', '{"type":"message.delivered","timestamp":"2037-01-01T00:16:20.800Z","data":{"msgid":"0qzc0bj84Ge9foc4q6BUfa3ahLGMPceO","url":"https://s.example.com/sms/messages/0qzc0bj84Ge9foc4q6BUfa3ahLGMPceO/","sender":"SHOP","recipient":"+819010000004","status":"DELIVERED","reason":null,"sent_time":"2037-01-01 00:16:20","cost":0,"parts":1,"tags":[],"reference":null,"link_tracking":{"link":"https://example.com/a?b=1","shortlink":"https://s.example.com/6JDJmLh9fg","accessed":false,"accessed_on":null}}}', 'owed', 2114381780800, 2114381780800, 0);
INSERT INTO callback (event_id, url, own_host, body, state, next_attempt_at, due_at, jobs_sent)
VALUES ('evt_ypK8oQUonOiE60v-0BtCm', 'http://receiver.invalid/message-delivered', 's.example.com', '{"type":"message.delivered","timestamp":"2037-01-01T00:16:20.200Z","data":{"msgid":"0qzc0bizsEH0Tgzvwkse4u2q3a9NGdHh","url":"https://s.example.com/sms/messages/0qzc0bizsEH0Tgzvwkse4u2q3a9NGdHh/","sender":"SHOP","recipient":"+819010000001","status":"DELIVERED","reason":null,"sent_time":"2037-01-01 00:16:20","cost":0,"parts":1,"tags":["a","b"],"reference":"order-8","link_tracking":{"link":"https://example.com/a?b=1","shortlink":"https://s.example.com/dCNtBgnDPq","accessed":false,"accessed_on":null}}}', 'delivered', null, null, 0);
INSERT INTO attempt (event_id, n, at, status, error, duration_ms)
VALUES ('evt_7mbVNPdxYXzOfoQovpPmz', 1, 2114381780200, 200, null, 0);
INSERT INTO attempt (event_id, n, at, status, error, duration_ms)
VALUES ('evt_ypK8oQUonOiE60v-0BtCm', 1, 2114381780200, 200, null, 0);

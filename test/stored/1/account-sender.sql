-- alarm: 2037-02-01T00:16:20.800Z
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
VALUES (2117060180100, 'NtBgnDPqz8', 'https://example.com/a?b=1', 'https://s.example.com/NtBgnDPqz8', '0r0kayxl00Tgzvwkse4u2q3a9NGdHhcP', 'http://receiver.invalid/link-failed', '[]', null, 2124836180100, null, null, 1);
INSERT INTO link (created_at, code, destination, short_url, msgid, callback_url, tags, reference, expires_at, first_accessed_at, closed_at, revision)
VALUES (2117060180200, 'mjKcmDNqLC', 'https://example.com/a?b=1', 'https://s.example.com/mjKcmDNqLC', '0r0kayxnst4ouZEZAzyL4Hyv5oo6OGcc', 'http://receiver.invalid/link-delivered', '["a","b"]', 'order-8', 2124836180200, 2117060180200, null, 2);
INSERT INTO link (created_at, code, destination, short_url, msgid, callback_url, tags, reference, expires_at, first_accessed_at, closed_at, revision)
VALUES (2117060180400, 'LNFdhHj66G', 'https://example.com/a?b=1', 'https://s.example.com/LNFdhHj66G', '0r0kayxtcfxAeGuM6jDxsIH5ic7CGe9f', 'http://receiver.invalid/link-delivering', '[]', null, 2124836180400, null, null, 1);
INSERT INTO link (created_at, code, destination, short_url, msgid, callback_url, tags, reference, expires_at, first_accessed_at, closed_at, revision)
VALUES (2117060180500, 'kTPMGfgwRt', 'https://example.com/a?b=1', 'https://s.example.com/kTPMGfgwRt', '0r0kayxw412fU9JMWJPoNEL2vbjj4fWs', 'http://receiver.invalid/link-reported', '[]', null, 2124836180500, null, null, 1);
INSERT INTO link (created_at, code, destination, short_url, msgid, callback_url, tags, reference, expires_at, first_accessed_at, closed_at, revision)
VALUES (2117060180600, 'kbQhDrgL6q', 'https://example.com/a?b=1', 'https://s.example.com/kbQhDrgL6q', '0r0kayxywmT6t2sNrHuL8mJZ92pfgdVT', 'http://receiver.invalid/link-later', '[]', null, 2124836180600, null, null, 1);
INSERT INTO link (created_at, code, destination, short_url, msgid, callback_url, tags, reference, expires_at, first_accessed_at, closed_at, revision)
VALUES (2117060180700, '9bmkHNFBtW', 'https://example.com/a?b=1', 'https://s.example.com/9bmkHNFBtW', '0r0kayy1oCM5EcTJdLqHYha3tltlAaqr', 'http://receiver.invalid/link-claimed', '[]', null, 2124836180700, null, null, 1);
INSERT INTO link (created_at, code, destination, short_url, msgid, callback_url, tags, reference, expires_at, first_accessed_at, closed_at, revision)
VALUES (2117060180800, 'wCCNqDWNhG', 'https://example.com/a?b=1', 'https://s.example.com/wCCNqDWNhG', '0r0kayy4g1mt0KakYg0s9oxWzKgjylMI', 'http://receiver.invalid/link-queued', '[]', null, 2124836180800, null, null, 1);
INSERT INTO message (msgid, origin, sender, recipient, text, parts, cost, tags, reference, callback_url, code, destination, short_url, link_expires_at, created_at, status, reason, carrier, carrier_id, first_accessed_at, event_id, send_due_at, jobs_sent, claimed_at, claim_id, tries, forget_at)
VALUES ('0r0kayxl00Tgzvwkse4u2q3a9NGdHhcP', 'https://s.example.com', 'SHOP', '+819010000000', 'Your offer: https://s.example.com/NtBgnDPqz8 Bye', 1, 0, '[]', null, 'http://receiver.invalid/message-failed', 'NtBgnDPqz8', 'https://example.com/a?b=1', 'https://s.example.com/NtBgnDPqz8', 2124836180100, 2117060180100, 'FAIL', '21211: Invalid ''To'' Phone Number', 'twilio', null, null, 'evt_UonOiE60v-0BtCmzNsCPT', null, 1, null, '8cnamaao6klLI2jqx4p0e', 0, 2127428180100);
INSERT INTO message (msgid, origin, sender, recipient, text, parts, cost, tags, reference, callback_url, code, destination, short_url, link_expires_at, created_at, status, reason, carrier, carrier_id, first_accessed_at, event_id, send_due_at, jobs_sent, claimed_at, claim_id, tries, forget_at)
VALUES ('0r0kayxnst4ouZEZAzyL4Hyv5oo6OGcc', 'https://s.example.com', 'SHOP', '+819010000001', 'Your offer: https://s.example.com/mjKcmDNqLC Bye', 1, 0, '["a","b"]', 'order-8', 'http://receiver.invalid/message-delivered', 'mjKcmDNqLC', 'https://example.com/a?b=1', 'https://s.example.com/mjKcmDNqLC', 2124836180200, 2117060180200, 'DELIVERED', null, 'twilio', 'SM-delivered', 2117060180200, 'evt_RHXMTnpYfZbZrPJuk1u7I', null, 1, null, 'q6GPwdcO-piJjBKwRvabM', 0, 2127428180200);
INSERT INTO message (msgid, origin, sender, recipient, text, parts, cost, tags, reference, callback_url, code, destination, short_url, link_expires_at, created_at, status, reason, carrier, carrier_id, first_accessed_at, event_id, send_due_at, jobs_sent, claimed_at, claim_id, tries, forget_at)
VALUES ('0r0kayxqkdISx42ca5yB4HDlryKQK0wh', 'https://s.example.com', 'SHOP', '+819010000002', 'Your offer: https://example.com/a?b=1 Bye', 1, 0, '[]', null, null, null, null, null, null, 2117060180300, 'DELIVERING', null, 'twilio', 'SM-untracked', null, null, null, 1, null, 'L0hTcwl3QfzXk1WAwILWM', 0, 2127428180300);
INSERT INTO message (msgid, origin, sender, recipient, text, parts, cost, tags, reference, callback_url, code, destination, short_url, link_expires_at, created_at, status, reason, carrier, carrier_id, first_accessed_at, event_id, send_due_at, jobs_sent, claimed_at, claim_id, tries, forget_at)
VALUES ('0r0kayxtcfxAeGuM6jDxsIH5ic7CGe9f', 'https://s.example.com', 'SHOP', '+819010000003', 'Your offer: https://s.example.com/LNFdhHj66G Bye', 1, 0, '[]', null, 'http://receiver.invalid/message-delivering', 'LNFdhHj66G', 'https://example.com/a?b=1', 'https://s.example.com/LNFdhHj66G', 2124836180400, 2117060180400, 'DELIVERING', null, 'twilio', 'SM-delivering', null, null, null, 1, null, '0lMtLKPRw8hDjI3qwNns4', 0, 2127428180400);
INSERT INTO message (msgid, origin, sender, recipient, text, parts, cost, tags, reference, callback_url, code, destination, short_url, link_expires_at, created_at, status, reason, carrier, carrier_id, first_accessed_at, event_id, send_due_at, jobs_sent, claimed_at, claim_id, tries, forget_at)
VALUES ('0r0kayxw412fU9JMWJPoNEL2vbjj4fWs', 'https://s.example.com', 'SHOP', '+819010000004', 'Your offer: https://s.example.com/kTPMGfgwRt Bye', 1, 0, '[]', null, 'http://receiver.invalid/message-reported', 'kTPMGfgwRt', 'https://example.com/a?b=1', 'https://s.example.com/kTPMGfgwRt', 2124836180500, 2117060180500, 'DELIVERED', null, 'twilio', 'SM-reported', null, 'evt_5eFhEe0Fw4MBmB4FsEc89', null, 1, null, 'QwMYQp40BChg4mlbdSyNZ', 0, 2127428180500);
INSERT INTO message (msgid, origin, sender, recipient, text, parts, cost, tags, reference, callback_url, code, destination, short_url, link_expires_at, created_at, status, reason, carrier, carrier_id, first_accessed_at, event_id, send_due_at, jobs_sent, claimed_at, claim_id, tries, forget_at)
VALUES ('0r0kayxywmT6t2sNrHuL8mJZ92pfgdVT', 'https://s.example.com', 'SHOP', '+819010000005', 'Your offer: https://s.example.com/kbQhDrgL6q Bye', 1, 0, '[]', null, 'http://receiver.invalid/message-later', 'kbQhDrgL6q', 'https://example.com/a?b=1', 'https://s.example.com/kbQhDrgL6q', 2124836180600, 2117060180600, 'QUEUED', '20503: busy', 'twilio', null, null, null, 2117060182979, 0, null, 'xDZuSzM0dcPPw7vea6OKY', 1, 2127428180600);
INSERT INTO message (msgid, origin, sender, recipient, text, parts, cost, tags, reference, callback_url, code, destination, short_url, link_expires_at, created_at, status, reason, carrier, carrier_id, first_accessed_at, event_id, send_due_at, jobs_sent, claimed_at, claim_id, tries, forget_at)
VALUES ('0r0kayy1oCM5EcTJdLqHYha3tltlAaqr', 'https://s.example.com', 'SHOP', '+819010000006', 'Your offer: https://s.example.com/9bmkHNFBtW Bye', 1, 0, '[]', null, 'http://receiver.invalid/message-claimed', '9bmkHNFBtW', 'https://example.com/a?b=1', 'https://s.example.com/9bmkHNFBtW', 2124836180700, 2117060180700, 'QUEUED', null, 'twilio', null, null, null, 2117060240700, 1, 2117060180700, 'wUeW2I8LutOcmZfJG-7Jw', 0, 2127428180700);
INSERT INTO message (msgid, origin, sender, recipient, text, parts, cost, tags, reference, callback_url, code, destination, short_url, link_expires_at, created_at, status, reason, carrier, carrier_id, first_accessed_at, event_id, send_due_at, jobs_sent, claimed_at, claim_id, tries, forget_at)
VALUES ('0r0kayy4g1mt0KakYg0s9oxWzKgjylMI', 'https://s.example.com', 'SHOP', '+819010000007', 'Your offer: https://s.example.com/wCCNqDWNhG Bye', 1, 0, '[]', null, 'http://receiver.invalid/message-queued', 'wCCNqDWNhG', 'https://example.com/a?b=1', 'https://s.example.com/wCCNqDWNhG', 2124836180800, 2117060180800, 'QUEUED', null, null, null, null, null, 2117060180800, 0, null, null, 0, 2127428180800);
INSERT INTO callback (event_id, url, own_host, body, state, next_attempt_at, due_at, jobs_sent)
VALUES ('evt_5eFhEe0Fw4MBmB4FsEc89', 'http://receiver.invalid/message-reported', 's.example.com', '{"type":"message.delivered","timestamp":"2037-02-01T00:16:20.800Z","data":{"msgid":"0r0kayxw412fU9JMWJPoNEL2vbjj4fWs","url":"https://s.example.com/sms/messages/0r0kayxw412fU9JMWJPoNEL2vbjj4fWs/","sender":"SHOP","recipient":"+819010000004","status":"DELIVERED","reason":null,"sent_time":"2037-02-01 00:16:20","cost":0,"parts":1,"tags":[],"reference":null,"link_tracking":{"link":"https://example.com/a?b=1","shortlink":"https://s.example.com/kTPMGfgwRt","accessed":false,"accessed_on":null}}}', 'owed', 2117060180800, 2117060180800, 0);
INSERT INTO callback (event_id, url, own_host, body, state, next_attempt_at, due_at, jobs_sent)
VALUES ('evt_RHXMTnpYfZbZrPJuk1u7I', 'http://receiver.invalid/message-delivered', 's.example.com', '{"type":"message.delivered","timestamp":"2037-02-01T00:16:20.200Z","data":{"msgid":"0r0kayxnst4ouZEZAzyL4Hyv5oo6OGcc","url":"https://s.example.com/sms/messages/0r0kayxnst4ouZEZAzyL4Hyv5oo6OGcc/","sender":"SHOP","recipient":"+819010000001","status":"DELIVERED","reason":null,"sent_time":"2037-02-01 00:16:20","cost":0,"parts":1,"tags":["a","b"],"reference":"order-8","link_tracking":{"link":"https://example.com/a?b=1","shortlink":"https://s.example.com/mjKcmDNqLC","accessed":false,"accessed_on":null}}}', 'delivered', null, null, 0);
INSERT INTO callback (event_id, url, own_host, body, state, next_attempt_at, due_at, jobs_sent)
VALUES ('evt_UonOiE60v-0BtCmzNsCPT', 'http://receiver.invalid/message-failed', 's.example.com', '{"type":"message.failed","timestamp":"2037-02-01T00:16:20.100Z","data":{"msgid":"0r0kayxl00Tgzvwkse4u2q3a9NGdHhcP","url":"https://s.example.com/sms/messages/0r0kayxl00Tgzvwkse4u2q3a9NGdHhcP/","sender":"SHOP","recipient":"+819010000000","status":"FAIL","reason":"21211: Invalid ''To'' Phone Number","sent_time":"2037-02-01 00:16:20","cost":0,"parts":1,"tags":[],"reference":null,"link_tracking":{"link":"https://example.com/a?b=1","shortlink":"https://s.example.com/NtBgnDPqz8","accessed":false,"accessed_on":null}}}', 'delivered', null, null, 0);
INSERT INTO attempt (event_id, n, at, status, error, duration_ms)
VALUES ('evt_RHXMTnpYfZbZrPJuk1u7I', 1, 2117060180200, 200, null, 0);
INSERT INTO attempt (event_id, n, at, status, error, duration_ms)
VALUES ('evt_UonOiE60v-0BtCmzNsCPT', 1, 2117060180200, 200, null, 0);

-- alarm: 2037-02-01T00:14:07.020Z
CREATE TABLE link (
    id INTEGER PRIMARY KEY CHECK (id = 1),
    code TEXT NOT NULL,
    account_sid TEXT NOT NULL,
    opened_by TEXT NOT NULL,
    destination TEXT NOT NULL,
    short_url TEXT NOT NULL,
    msgid TEXT,
    callback_url TEXT,
    tags TEXT NOT NULL,
    reference TEXT,
    created_at INTEGER NOT NULL,
    expires_at INTEGER NOT NULL,
    closed_at INTEGER,
    first_accessed_at INTEGER,
    event_id TEXT,
    revision INTEGER NOT NULL,
    directory_due_at INTEGER,
    listing_due_at INTEGER,
    forget_due_at INTEGER NOT NULL,
    failures INTEGER NOT NULL DEFAULT 0,
    sealed_secrets TEXT,
    reopened_at INTEGER,
    refusals INTEGER NOT NULL DEFAULT 0,
    version INTEGER NOT NULL DEFAULT 0,
    access_counts TEXT,
    drop_due_at INTEGER,
    ended_reason TEXT,
    book INTEGER, reported INTEGER NOT NULL DEFAULT 0, sent_to INTEGER NOT NULL DEFAULT 0, report_due_at INTEGER, reports_sent INTEGER NOT NULL DEFAULT 0
  ) STRICT;
CREATE TABLE access (
    id TEXT PRIMARY KEY, 
    at INTEGER NOT NULL,
    kind TEXT NOT NULL,
    reason TEXT,
    device TEXT,
    country TEXT,
    network TEXT,
    named INTEGER NOT NULL DEFAULT 0,
    number INTEGER, first INTEGER NOT NULL DEFAULT 0
  ) STRICT, WITHOUT ROWID;
CREATE TABLE callback (
    event_id TEXT PRIMARY KEY,
    url TEXT,
    own_host TEXT NOT NULL,
    body TEXT NOT NULL,
    state TEXT NOT NULL,
    next_attempt_at INTEGER,
    due_at INTEGER,
    jobs_sent INTEGER NOT NULL,
    attempts TEXT
  ) STRICT, WITHOUT ROWID;
INSERT INTO link (id, code, account_sid, opened_by, destination, short_url, msgid, callback_url, tags, reference, created_at, expires_at, closed_at, first_accessed_at, event_id, revision, directory_due_at, listing_due_at, forget_due_at, failures, sealed_secrets, reopened_at, refusals, version, access_counts, drop_due_at, ended_reason, book, reported, sent_to, report_due_at, reports_sent)
VALUES (1, 'QwQ78zqBgp', '4b6466c0npax8dygg1ni', 'QqkMzLSo9gKqo7UoFkt3h', 'https://example.com/offer', 'https://s.example.com/QwQ78zqBgp', null, 'http://receiver.invalid/failing', '["offer","failing"]', null, 2117059867000, 2124835867000, null, 2117059867000, 'evt_4OuNxwMbLdlo5Yu_kc0KL', 2, null, null, 2127501814505, 0, '["Za14VRNU.SsbkyIBu/TYURWt/1eP0/OTnlisxK7w1Bzwch6p4bZdL4c0sflgIIyAjvoFmUE/w4v3Wcua+G80D1kWEXMlFcfPoxuSy9+2e5KtZON0a"]', null, 0, 7, null, null, null, 1, 3, 3, 2117063783000, 0);
INSERT INTO access (id, at, kind, reason, device, country, network, named, number, first)
VALUES ('0r0kas7zs21yk612s9mfg', 2117059867000, 'person', null, 'iPhone', null, null, 0, 2, 1);
INSERT INTO callback (event_id, url, own_host, body, state, next_attempt_at, due_at, jobs_sent, attempts)
VALUES ('evt_4OuNxwMbLdlo5Yu_kc0KL', 'http://receiver.invalid/failing', 's.example.com', '{"type":"link.first_accessed","timestamp":"2037-02-01T00:11:07.000Z","data":{"code":"QwQ78zqBgp","short_url":"https://s.example.com/QwQ78zqBgp","url":"https://example.com/offer","first_accessed_at":"2037-02-01T00:11:07.000Z","reference":null,"tags":["offer","failing"],"msgid":null}}', 'owed', 2117060047020, 2117060047020, 0, '[{"n":1,"at":2117059927000,"status":500,"error":null,"durationMs":0,"number":3},{"n":2,"at":2117059987000,"status":302,"error":null,"durationMs":0,"number":4},{"n":3,"at":2117060047000,"status":429,"error":null,"durationMs":0,"number":5}]');

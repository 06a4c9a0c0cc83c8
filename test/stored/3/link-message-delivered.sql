-- alarm: 2037-02-01T00:16:26.200Z
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
VALUES (1, 'kHf8BBwzf7', 'by0ycx5w5l1axr3dhqk3', 'H8ItWiUbT_VphZrzky9-g', 'https://example.com/a?b=1', 'https://s.example.com/kHf8BBwzf7', '0r0kayzz4b0000018rNAWdISx42ca5yB', 'http://receiver.invalid/link-delivered', '["a","b"]', 'order-8', 2117060183200, 2124836183200, null, 2117060183200, 'evt_oBHsqZmBCL5FYtG1Y7-e6', 2, null, null, 2127485427910, 0, '["Za14VRNU.Kbpag8o/+WSoMzgFcHsF2tVRlu4Mqe0Jn1sKDa+0knKuf8Xbsi6te4MDWORjR7JqKPyyk/mne20ziUJhiQPYee06kAleqSPhs2OInv04"]', null, 0, 7, null, null, null, 1, 1, 1, 2117060186200, 0);
INSERT INTO access (id, at, kind, reason, device, country, network, named, number, first)
VALUES ('0r0kayzz4i6azbeikg6rk', 2117060183200, 'person', null, 'iPhone', null, null, 0, 2, 1);
INSERT INTO callback (event_id, url, own_host, body, state, next_attempt_at, due_at, jobs_sent, attempts)
VALUES ('evt_oBHsqZmBCL5FYtG1Y7-e6', 'http://receiver.invalid/link-delivered', 's.example.com', '{"type":"link.first_accessed","timestamp":"2037-02-01T00:16:23.200Z","data":{"code":"kHf8BBwzf7","short_url":"https://s.example.com/kHf8BBwzf7","url":"https://example.com/a?b=1","first_accessed_at":"2037-02-01T00:16:23.200Z","reference":"order-8","tags":["a","b"],"msgid":"0r0kayzz4b0000018rNAWdISx42ca5yB"}}', 'delivered', null, null, 0, '[{"n":1,"at":2117060183200,"status":200,"error":null,"durationMs":0,"number":3}]');

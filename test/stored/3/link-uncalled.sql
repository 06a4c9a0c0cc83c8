-- alarm: 2037-02-01T00:16:16.000Z
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
VALUES (1, '9pWwCzGgmf', '4b6466c0npax8dygg1ni', 'rohnaszaOgApUXXwNIheU', 'https://example.com/offer', 'https://s.example.com/9pWwCzGgmf', null, null, '["offer","uncalled"]', null, 2117060173000, 2124836173000, null, 2117060173000, 'evt_ddfSD_hO_rfMECLiD5kXH', 2, null, null, 2127472242986, 0, '["Za14VRNU.SsbkyIBu/TYURWt/1eP0/OTnlisxK7w1Bzwch6p4bZdL4c0sflgIIyAjvoFmUE/w4v3Wcua+G80D1kWEXMlFcfPoxuSy9+2e5KtZON0a"]', null, 0, 7, null, null, null, 1, 1, 1, 2117060176000, 0);
INSERT INTO access (id, at, kind, reason, device, country, network, named, number, first)
VALUES ('0r0kays3s88b1cl9uxysi', 2117060173000, 'person', null, 'iPhone', null, null, 0, 2, 1);
INSERT INTO callback (event_id, url, own_host, body, state, next_attempt_at, due_at, jobs_sent, attempts)
VALUES ('evt_ddfSD_hO_rfMECLiD5kXH', null, 's.example.com', '{"type":"link.first_accessed","timestamp":"2037-02-01T00:16:13.000Z","data":{"code":"9pWwCzGgmf","short_url":"https://s.example.com/9pWwCzGgmf","url":"https://example.com/offer","first_accessed_at":"2037-02-01T00:16:13.000Z","reference":null,"tags":["offer","uncalled"],"msgid":null}}', 'none', null, null, 0, '[]');

-- alarm: 2037-02-01T01:16:16.000Z
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
INSERT INTO link (id, code, account_sid, opened_by, destination, short_url, msgid, callback_url, tags, reference, created_at, expires_at, closed_at, first_accessed_at, event_id, revision, directory_due_at, listing_due_at, forget_due_at, failures, sealed_secrets, reopened_at, refusals, version, access_counts, drop_due_at, ended_reason, book, reported, sent_to, report_due_at, reports_sent)
VALUES (1, 'kCQ7FWDTMb', '4b6466c0npax8dygg1ni', 'OssDnmEhykju9h5KIBJnO', 'https://example.com/offer', 'https://s.example.com/kCQ7FWDTMb', null, 'http://receiver.invalid/previewed', '["offer","previewed"]', null, 2117060176000, 2124836176000, null, null, null, 1, null, null, 2127466529275, 0, '["Za14VRNU.SsbkyIBu/TYURWt/1eP0/OTnlisxK7w1Bzwch6p4bZdL4c0sflgIIyAjvoFmUE/w4v3Wcua+G80D1kWEXMlFcfPoxuSy9+2e5KtZON0a"]', null, 0, 7, null, null, null, 1, 1, 1, 2117063776000, 0);
INSERT INTO access (id, at, kind, reason, device, country, network, named, number, first)
VALUES ('0r0kayuf4kfu3a5ecl03n', 2117060176000, 'preview', 'facebookexternalhit', 'Mac', null, 'data centre', 0, 2, 0);

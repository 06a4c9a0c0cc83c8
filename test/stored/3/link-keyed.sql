-- alarm: 2037-06-01T00:58:54.511Z
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
INSERT INTO link (id, code, account_sid, opened_by, destination, short_url, msgid, callback_url, tags, reference, created_at, expires_at, closed_at, first_accessed_at, event_id, revision, directory_due_at, listing_due_at, forget_due_at, failures, sealed_secrets, reopened_at, refusals, version, access_counts, drop_due_at, ended_reason, book, reported, sent_to, report_due_at, reports_sent)
VALUES (1, 'qMhmh6mfgK', '4b6466c0npax8dygg1ni', 'vU0Y8kfsaIa6HdWhUPA7k', 'https://example.com/keyed', 'https://s.example.com/qMhmh6mfgK', null, 'http://receiver.invalid/shop', '[]', null, 2117060177000, 2124836177000, null, null, null, 1, null, null, 2127430734511, 0, '["Za14VRNU.SsbkyIBu/TYURWt/1eP0/OTnlisxK7w1Bzwch6p4bZdL4c0sflgIIyAjvoFmUE/w4v3Wcua+G80D1kWEXMlFcfPoxuSy9+2e5KtZON0a"]', null, 0, 7, null, null, null, 1, 1, 1, null, 0);

-- alarm: 2037-06-01T20:17:20.420Z
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
VALUES (1, 'zkjjQtPCcz', 'by0ycx5w5l1axr3dhqk3', 'GsnjwL7Zmr2s2G2mFeKSF', 'https://example.com/a?b=1', 'https://s.example.com/zkjjQtPCcz', '0r0kaz0a8b000001LyYBaZilH6P8JZX4', 'http://receiver.invalid/link-later', '[]', null, 2117060183600, 2124836183600, null, null, null, 1, null, null, 2127500240420, 0, '["Za14VRNU.Kbpag8o/+WSoMzgFcHsF2tVRlu4Mqe0Jn1sKDa+0knKuf8Xbsi6te4MDWORjR7JqKPyyk/mne20ziUJhiQPYee06kAleqSPhs2OInv04"]', null, 0, 7, null, null, null, 1, 1, 1, null, 0);

-- alarm: 2037-06-01T19:37:40.640Z
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
VALUES (1, 'gnDPqz8GJg', 'zmi6ey3abu8nq1lno867', 'OQY7apq7XfhiZ1ViM3n3o', 'https://example.com/offer', 'https://s.example.com/gnDPqz8GJg', null, 'http://receiver.invalid/closing', '[]', null, 2117060183000, 2124836183000, null, null, null, 1, null, null, 2127497860640, 0, '["Za14VRNU.0mfwLIrVXUekq/ep5OOZms3lB3jJaScJaDhODzKGeCelTMCNcrlad1E30kWuVtmF+ubq2lL9D4pA85y6zogxfCag9yJsWGVF1tYpvyBd"]', null, 0, 7, null, null, null, 1, 1, 1, null, 0);

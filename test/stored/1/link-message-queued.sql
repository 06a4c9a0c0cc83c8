-- alarm: 2037-05-01T13:33:42.192Z
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
    version INTEGER NOT NULL DEFAULT 0
  ) STRICT;
CREATE TABLE access (
    id TEXT PRIMARY KEY,
    at INTEGER NOT NULL,
    kind TEXT NOT NULL,
    reason TEXT,
    device TEXT,
    country TEXT,
    network TEXT
  ) STRICT, WITHOUT ROWID;
INSERT INTO link (id, code, account_sid, opened_by, destination, short_url, msgid, callback_url, tags, reference, created_at, expires_at, closed_at, first_accessed_at, event_id, revision, directory_due_at, listing_due_at, forget_due_at, failures, sealed_secrets, version)
VALUES (1, 'cbTWzWkrFw', 'rf5wy1ug6l3zuyum16zw', '_ir5L9_vtGJQkuxGsnjwL', 'https://example.com/a?b=1', 'https://s.example.com/cbTWzWkrFw', '0qzc0bjggAaqr9z5JRltTvp1VZkzhNLm', 'http://receiver.invalid/link-queued', '[]', null, 2114381780800, 2122157780800, null, null, null, 1, null, null, 2124797622192, 0, '["Za14VRNU.1AySecZi9ZIoTdQK+6c773Cf+eLMAZgRkRJMq3OnUEe5fLUDYaMS/kSq6FzCgq3HH8/98MM5YSGz/F+644jNeyMshDjabhcuWmAE3zrT"]', 2);

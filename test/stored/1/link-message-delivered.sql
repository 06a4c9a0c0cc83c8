-- alarm: 2037-05-01T20:04:00.553Z
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
INSERT INTO link (id, code, account_sid, opened_by, destination, short_url, msgid, callback_url, tags, reference, created_at, expires_at, closed_at, first_accessed_at, event_id, revision, directory_due_at, listing_due_at, forget_due_at, failures, sealed_secrets, version)
VALUES (1, 'dCNtBgnDPq', 'rf5wy1ug6l3zuyum16zw', 'vBDRdOQY7apq7XfhiZ1Vi', 'https://example.com/a?b=1', 'https://s.example.com/dCNtBgnDPq', '0qzc0bizsEH0Tgzvwkse4u2q3a9NGdHh', 'http://receiver.invalid/link-delivered', '["a","b"]', 'order-8', 2114381780200, 2122157780200, null, 2114381780200, 'evt_Znf0Vq-tx8RnXS5ACKdB4', 2, null, null, 2124821040553, 0, '["Za14VRNU.1AySecZi9ZIoTdQK+6c773Cf+eLMAZgRkRJMq3OnUEe5fLUDYaMS/kSq6FzCgq3HH8/98MM5YSGz/F+644jNeyMshDjabhcuWmAE3zrT"]', 2);
INSERT INTO access (id, at, kind, reason, device, country, network)
VALUES ('0qzc0bizsf0pubawnerv4', 2114381780200, 'person', null, 'iPhone', null, null);
INSERT INTO callback (event_id, url, own_host, body, state, next_attempt_at, due_at, jobs_sent)
VALUES ('evt_Znf0Vq-tx8RnXS5ACKdB4', 'http://receiver.invalid/link-delivered', 's.example.com', '{"type":"link.first_accessed","timestamp":"2037-01-01T00:16:20.200Z","data":{"code":"dCNtBgnDPq","short_url":"https://s.example.com/dCNtBgnDPq","url":"https://example.com/a?b=1","first_accessed_at":"2037-01-01T00:16:20.200Z","reference":"order-8","tags":["a","b"],"msgid":"0qzc0bizsEH0Tgzvwkse4u2q3a9NGdHh"}}', 'delivered', null, null, 0);
INSERT INTO attempt (event_id, n, at, status, error, duration_ms)
VALUES ('evt_Znf0Vq-tx8RnXS5ACKdB4', 1, 2114381780200, 200, null, 0);

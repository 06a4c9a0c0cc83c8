-- alarm: 2037-02-01T00:31:23.000Z
CREATE TABLE book (
    id INTEGER PRIMARY KEY CHECK (id = 1),
    sid TEXT NOT NULL,
    number INTEGER NOT NULL,
    opened_at INTEGER NOT NULL,
    closed_at INTEGER,
    woken_at INTEGER,
    checked_to TEXT,
    sweep_due_at INTEGER,
    swept_to TEXT,
    tallied_to INTEGER NOT NULL DEFAULT 0,
    tallies_due_at INTEGER,
    version INTEGER NOT NULL DEFAULT 0,
    end_due_at INTEGER,
    ending_position INTEGER,
    ending_to TEXT,
    left_from TEXT,
    ended_at INTEGER,
    signs TEXT
  ) STRICT;
CREATE TABLE line (
    created_at INTEGER NOT NULL,
    code TEXT NOT NULL,
    destination TEXT,
    short_url TEXT NOT NULL,
    msgid TEXT,
    callback_url TEXT,
    tags TEXT NOT NULL,
    reference TEXT,
    expires_at INTEGER NOT NULL,
    closed_at INTEGER,
    ended_reason TEXT,
    first_accessed_at INTEGER,
    access_counts TEXT NOT NULL,
    delivered TEXT NOT NULL,
    have INTEGER NOT NULL,
    counted_at INTEGER NOT NULL,
    blank_at INTEGER,
    PRIMARY KEY (created_at, code)
  ) STRICT, WITHOUT ROWID;
CREATE INDEX line_by_reference ON line (reference, created_at) WHERE reference IS NOT NULL;
CREATE INDEX line_to_blank ON line (blank_at) WHERE blank_at IS NOT NULL;
CREATE TABLE journal (
    position INTEGER PRIMARY KEY,
    created_at INTEGER NOT NULL,
    code TEXT,
    number INTEGER,
    msgid TEXT,
    at INTEGER NOT NULL,
    kind TEXT NOT NULL,
    fact TEXT,
    tags TEXT
  ) STRICT;
CREATE TABLE tally (
    tag INTEGER NOT NULL,
    day INTEGER NOT NULL,
    key TEXT NOT NULL,
    counts TEXT NOT NULL,
    PRIMARY KEY (tag, day, key)
  ) STRICT, WITHOUT ROWID;
CREATE TABLE tally_tag (
    number INTEGER PRIMARY KEY,
    tag TEXT NOT NULL
  ) STRICT;
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
    forget_at INTEGER,
    given_at INTEGER,
    settled_at INTEGER
  ) STRICT, WITHOUT ROWID;
CREATE INDEX message_to_send ON message (send_due_at) WHERE send_due_at IS NOT NULL;
CREATE INDEX message_to_forget ON message (forget_at);
CREATE TABLE line_pack (
    first TEXT PRIMARY KEY,
    last TEXT NOT NULL,
    words TEXT NOT NULL
  ) STRICT, WITHOUT ROWID;
CREATE TABLE message_pack (
    first TEXT PRIMARY KEY,
    last TEXT NOT NULL,
    words TEXT NOT NULL
  ) STRICT, WITHOUT ROWID;
INSERT INTO book (id, sid, number, opened_at, closed_at, woken_at, checked_to, sweep_due_at, swept_to, tallied_to, tallies_due_at, version, end_due_at, ending_position, ending_to, left_from, ended_at, signs)
VALUES (1, 'zmi6ey3abu8nq1lno867', 1, 2117060183000, null, null, null, null, null, 0, 2117061083000, 5, null, null, null, null, null, null);
INSERT INTO line (created_at, code, destination, short_url, msgid, callback_url, tags, reference, expires_at, closed_at, ended_reason, first_accessed_at, access_counts, delivered, have, counted_at, blank_at)
VALUES (2117060183000, 'gnDPqz8GJg', 'https://example.com/offer', 'https://s.example.com/gnDPqz8GJg', null, 'http://receiver.invalid/closing', '[]', null, 2124836183000, null, null, null, '{"person":0,"preview":0,"prefetch":0,"scanner":0,"probe":0}', '[]', 1, 2117060183000, 2127428183000);
INSERT INTO line (created_at, code, destination, short_url, msgid, callback_url, tags, reference, expires_at, closed_at, ended_reason, first_accessed_at, access_counts, delivered, have, counted_at, blank_at)
VALUES (2117060183000, 'mfh767FgMM', 'https://example.com/offer', 'https://s.example.com/mfh767FgMM', null, 'http://receiver.invalid/closing-owed', '[]', null, 2124836183000, null, null, null, '{"person":0,"preview":0,"prefetch":0,"scanner":0,"probe":0}', '[]', 1, 2117060183000, 2127428183000);
INSERT INTO journal (position, created_at, code, number, msgid, at, kind, fact, tags)
VALUES (1, 2117060183000, 'gnDPqz8GJg', 1, null, 2117060183000, 'opened', null, null);
INSERT INTO journal (position, created_at, code, number, msgid, at, kind, fact, tags)
VALUES (2, 2117060183000, 'mfh767FgMM', 1, null, 2117060183000, 'opened', null, null);

-- alarm: 2037-02-01T00:16:54.000Z
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
    drop_due_at INTEGER
  ) STRICT;
CREATE TABLE access (
    id TEXT PRIMARY KEY,
    at INTEGER NOT NULL,
    kind TEXT NOT NULL,
    reason TEXT,
    device TEXT,
    country TEXT,
    network TEXT,
    named INTEGER NOT NULL DEFAULT 0
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
INSERT INTO link (id, code, account_sid, opened_by, destination, short_url, msgid, callback_url, tags, reference, created_at, expires_at, closed_at, first_accessed_at, event_id, revision, directory_due_at, listing_due_at, forget_due_at, failures, sealed_secrets, reopened_at, refusals, version, access_counts, drop_due_at)
VALUES (1, 'PfR9CknN8r', 'w7812eh0xj2f2g4fh1lr', 'VX66i6VPAPwIl19RBk6Qu', 'https://example.com/offer', 'https://s.example.com/PfR9CknN8r', null, 'http://receiver.invalid/attempted', '["offer","attempted"]', null, 2117060180000, 2124836180000, null, 2117060180000, 'evt_6ANebXKzzV4LwNAMU07ZF', 2, null, null, 2127489655878, 0, '["Za14VRNU.LwfzFmEfhB/75yN/uC0JbhSopzWZp0NHo9d3h6hg0sT0KpmwbVL40Wq/dVVfmyZ9MTGfdVnN1kzd8PL2uaIEybo+8JHZ3Z9n0P+XMpMp"]', null, 0, 4, null, null);
INSERT INTO access (id, at, kind, reason, device, country, network, named)
VALUES ('0r0kayxi87fmu6j58u05z', 2117060180000, 'person', null, 'iPhone', null, null, 0);
INSERT INTO callback (event_id, url, own_host, body, state, next_attempt_at, due_at, jobs_sent)
VALUES ('evt_6ANebXKzzV4LwNAMU07ZF', 'http://receiver.invalid/attempted', 's.example.com', '{"type":"link.first_accessed","timestamp":"2037-02-01T00:16:20.000Z","data":{"code":"PfR9CknN8r","short_url":"https://s.example.com/PfR9CknN8r","url":"https://example.com/offer","first_accessed_at":"2037-02-01T00:16:20.000Z","reference":null,"tags":["offer","attempted"],"msgid":null}}', 'owed', 2117060214000, 2117060214000, 0);
INSERT INTO attempt (event_id, n, at, status, error, duration_ms)
VALUES ('evt_6ANebXKzzV4LwNAMU07ZF', 1, 2117060180000, null, null, null);

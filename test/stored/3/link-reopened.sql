-- alarm: 2037-02-01T00:00:05.000Z
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
INSERT INTO callback (event_id, url, own_host, body, state, next_attempt_at, due_at, jobs_sent, attempts)
VALUES ('evt_9K9no3Z7AXg4-A8CbwugY', 'http://receiver.invalid/reopened', 's.example.com', '{"type":"link.first_accessed","timestamp":"2037-02-01T00:00:05.000Z","data":{"code":"reopened","short_url":"https://s.example.com/reopened","url":"https://example.com/offer","first_accessed_at":"2037-02-01T00:00:05.000Z","reference":null,"tags":[],"msgid":null}}', 'owed', 2117059205000, 2117059205000, 0, '[]');
INSERT INTO link (id, code, account_sid, opened_by, destination, short_url, msgid, callback_url, tags, reference, created_at, expires_at, closed_at, first_accessed_at, event_id, revision, directory_due_at, listing_due_at, forget_due_at, failures, sealed_secrets, reopened_at, refusals, version, access_counts, drop_due_at, ended_reason, book, reported, sent_to, report_due_at, reports_sent)
VALUES (1, 'reopened', 'main', 'Jx9KWDZyj0KnHX4Gk_wOb', 'https://example.com/anew', 'https://s.example.com/reopened', null, null, '[]', null, 2117059205001, 2124835205000, null, null, null, 4, null, null, 2127432776771, 0, '["Za14VRNU.7PjqheUTBNnxp0f/L5vyr4fES/wuEPzcpHvlk6vIDelyIB91Met8we5KM63fZYcliNoZa+vHFb0Ga81mX8Clir+iZ3BL+zM4dhCJx2Wg"]', 2117059205000, 0, 7, null, null, null, 2, 1, 1, null, 0);

-- alarm: 2037-02-01T00:16:23.000Z
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
CREATE TABLE event (
    number INTEGER PRIMARY KEY,
    at INTEGER NOT NULL,
    fact TEXT NOT NULL
  ) STRICT;
INSERT INTO link (id, code, account_sid, opened_by, destination, short_url, msgid, callback_url, tags, reference, created_at, expires_at, closed_at, first_accessed_at, event_id, revision, directory_due_at, listing_due_at, forget_due_at, failures, sealed_secrets, reopened_at, refusals, version, access_counts, drop_due_at, ended_reason, book, reported, sent_to, report_due_at, reports_sent)
VALUES (1, '6nRnK69cmK', '4b6466c0npax8dygg1ni', 'rH4-42c10MeeFHRgDnvoG', 'https://example.com/offer', 'https://s.example.com/6nRnK69cmK', null, 'http://receiver.invalid/exhausted', '["offer","exhausted"]', null, 2117059206000, 2124835206000, null, 2117059206000, 'evt_8PDc3sgRiRE98fD6jBB7a', 2, null, null, 2127513271700, 0, '["Za14VRNU.SsbkyIBu/TYURWt/1eP0/OTnlisxK7w1Bzwch6p4bZdL4c0sflgIIyAjvoFmUE/w4v3Wcua+G80D1kWEXMlFcfPoxuSy9+2e5KtZON0a"]', null, 0, 7, null, null, null, 1, 8, 8, 2117060183000, 0);
INSERT INTO access (id, at, kind, reason, device, country, network, named, number, first)
VALUES ('0r0kae1yoto7mlt8kloak', 2117059206000, 'person', null, 'iPhone', null, null, 0, 2, 1);
INSERT INTO callback (event_id, url, own_host, body, state, next_attempt_at, due_at, jobs_sent, attempts)
VALUES ('evt_8PDc3sgRiRE98fD6jBB7a', 'http://receiver.invalid/exhausted', 's.example.com', '{"type":"link.first_accessed","timestamp":"2037-02-01T00:00:06.000Z","data":{"code":"6nRnK69cmK","short_url":"https://s.example.com/6nRnK69cmK","url":"https://example.com/offer","first_accessed_at":"2037-02-01T00:00:06.000Z","reference":null,"tags":["offer","exhausted"],"msgid":null}}', 'exhausted', null, null, 0, '[{"n":1,"at":2117059266000,"status":500,"error":null,"durationMs":0,"number":3},{"n":2,"at":2117059326000,"status":500,"error":null,"durationMs":0,"number":4},{"n":3,"at":2117059386000,"status":500,"error":null,"durationMs":0,"number":5},{"n":4,"at":2117059446000,"status":500,"error":null,"durationMs":0,"number":6},{"n":5,"at":2117059506000,"status":500,"error":null,"durationMs":0,"number":7},{"n":6,"at":2117059566000,"status":500,"error":null,"durationMs":0,"number":8},{"n":7,"at":2117059626000,"status":500,"error":null,"durationMs":0,"number":9},{"n":8,"at":2117059686000,"status":500,"error":null,"durationMs":0,"number":10},{"n":9,"at":2117059746000,"status":500,"error":null,"durationMs":0,"number":11},{"n":10,"at":2117059806000,"status":500,"error":null,"durationMs":0,"number":12},{"n":11,"at":2117059866000,"status":500,"error":null,"durationMs":0,"number":13}]');
INSERT INTO event (number, at, fact)
VALUES (14, 2117059866000, '{"kind":"callback","eventId":"evt_8PDc3sgRiRE98fD6jBB7a","state":"exhausted"}');

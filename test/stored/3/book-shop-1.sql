-- alarm: 2037-02-01T00:15:06.000Z
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
CREATE TABLE failing_callback (
    created_at INTEGER NOT NULL,
    code TEXT NOT NULL,
    state TEXT NOT NULL,
    host TEXT NOT NULL,
    at INTEGER NOT NULL,
    attempts INTEGER NOT NULL,
    status INTEGER,
    error TEXT,
    tried_at INTEGER,
    retry_at INTEGER,
    PRIMARY KEY (created_at, code)
  ) STRICT, WITHOUT ROWID;
CREATE INDEX failing_callback_to_retry ON failing_callback (retry_at) WHERE retry_at IS NOT NULL;
INSERT INTO book (id, sid, number, opened_at, closed_at, woken_at, checked_to, sweep_due_at, swept_to, tallied_to, tallies_due_at, version, end_due_at, ending_position, ending_to, left_from, ended_at, signs)
VALUES (1, '4b6466c0npax8dygg1ni', 1, 2117059206000, null, null, null, null, null, 0, 2117060106000, 5, null, null, null, null, null, null);
INSERT INTO line (created_at, code, destination, short_url, msgid, callback_url, tags, reference, expires_at, closed_at, ended_reason, first_accessed_at, access_counts, delivered, have, counted_at, blank_at)
VALUES (2117059206000, '6nRnK69cmK', 'https://example.com/offer', 'https://s.example.com/6nRnK69cmK', null, 'http://receiver.invalid/exhausted', '["offer","exhausted"]', null, 2124835206000, null, null, 2117059206000, '{"person":1,"preview":0,"prefetch":0,"scanner":0,"probe":0}', '[]', 8, 2117060183000, 2127427206000);
INSERT INTO line (created_at, code, destination, short_url, msgid, callback_url, tags, reference, expires_at, closed_at, ended_reason, first_accessed_at, access_counts, delivered, have, counted_at, blank_at)
VALUES (2117059867000, 'QwQ78zqBgp', 'https://example.com/offer', 'https://s.example.com/QwQ78zqBgp', null, 'http://receiver.invalid/failing', '["offer","failing"]', null, 2124835867000, null, null, 2117059867000, '{"person":1,"preview":0,"prefetch":0,"scanner":0,"probe":0}', '[]', 3, 2117060183000, 2127427867000);
INSERT INTO line (created_at, code, destination, short_url, msgid, callback_url, tags, reference, expires_at, closed_at, ended_reason, first_accessed_at, access_counts, delivered, have, counted_at, blank_at)
VALUES (2117060048000, 'qhJTd9C8jp', 'https://example.com/offer', 'https://s.example.com/qhJTd9C8jp', null, 'http://receiver.invalid/delivered', '["offer","delivered"]', null, 2124836048000, null, null, 2117060048000, '{"person":1,"preview":0,"prefetch":0,"scanner":0,"probe":0}', '[]', 2, 2117060183000, 2127428048000);
INSERT INTO line (created_at, code, destination, short_url, msgid, callback_url, tags, reference, expires_at, closed_at, ended_reason, first_accessed_at, access_counts, delivered, have, counted_at, blank_at)
VALUES (2117060109000, 'mGQLzNgtJG', 'https://example.com/offer', 'https://s.example.com/mGQLzNgtJG', null, 'http://receiver.invalid/expired', '["offer","expired"]', null, 2117060169000, null, null, null, '{"person":0,"preview":0,"prefetch":0,"scanner":0,"probe":0}', '[]', 1, 2117060109000, 2119652169000);
INSERT INTO line (created_at, code, destination, short_url, msgid, callback_url, tags, reference, expires_at, closed_at, ended_reason, first_accessed_at, access_counts, delivered, have, counted_at, blank_at)
VALUES (2117060170000, 'dMmRgr8HGk', 'https://example.com/offer', 'https://s.example.com/dMmRgr8HGk', null, 'http://receiver.invalid/ended', '["offer","ended"]', null, 2124836170000, 2117060170000, null, 2117060170000, '{"person":1,"preview":0,"prefetch":0,"scanner":0,"probe":0}', '[]', 3, 2117060170000, 2119652170000);
INSERT INTO line (created_at, code, destination, short_url, msgid, callback_url, tags, reference, expires_at, closed_at, ended_reason, first_accessed_at, access_counts, delivered, have, counted_at, blank_at)
VALUES (2117060171000, 'qWmzzPPckr', 'https://example.com/offer', 'https://s.example.com/qWmzzPPckr', null, null, '["offer","withdrawn"]', null, 2124836171000, null, null, 2117060171000, '{"person":1,"preview":0,"prefetch":0,"scanner":0,"probe":0}', '[]', 4, 2117060171000, 2127428171000);
INSERT INTO line (created_at, code, destination, short_url, msgid, callback_url, tags, reference, expires_at, closed_at, ended_reason, first_accessed_at, access_counts, delivered, have, counted_at, blank_at)
VALUES (2117060172000, 'gNnkg9qCRF', 'https://example.com/moved', 'https://s.example.com/gNnkg9qCRF', null, 'http://receiver.invalid/changed', '[]', 'order-7', 2124836172000, null, null, null, '{"person":0,"preview":0,"prefetch":0,"scanner":0,"probe":0}', '[]', 2, 2117060172000, 2127428172000);
INSERT INTO line (created_at, code, destination, short_url, msgid, callback_url, tags, reference, expires_at, closed_at, ended_reason, first_accessed_at, access_counts, delivered, have, counted_at, blank_at)
VALUES (2117060173000, '9pWwCzGgmf', 'https://example.com/offer', 'https://s.example.com/9pWwCzGgmf', null, null, '["offer","uncalled"]', null, 2124836173000, null, null, null, '{"person":0,"preview":0,"prefetch":0,"scanner":0,"probe":0}', '[]', 1, 2117060173000, 2127428173000);
INSERT INTO line (created_at, code, destination, short_url, msgid, callback_url, tags, reference, expires_at, closed_at, ended_reason, first_accessed_at, access_counts, delivered, have, counted_at, blank_at)
VALUES (2117060174000, 'nNqtbndPMc', 'https://example.com/offer', 'https://s.example.com/nNqtbndPMc', null, 'http://receiver.invalid/opened', '["offer","opened"]', null, 2124836174000, null, null, null, '{"person":0,"preview":0,"prefetch":0,"scanner":0,"probe":0}', '[]', 1, 2117060174000, 2127428174000);
INSERT INTO line (created_at, code, destination, short_url, msgid, callback_url, tags, reference, expires_at, closed_at, ended_reason, first_accessed_at, access_counts, delivered, have, counted_at, blank_at)
VALUES (2117060175000, 'chosen', 'https://example.com/offer', 'https://s.example.com/chosen', null, 'http://receiver.invalid/chosen', '["offer","chosen"]', null, 2124836175000, null, null, null, '{"person":0,"preview":0,"prefetch":0,"scanner":0,"probe":0}', '[]', 1, 2117060175000, 2127428175000);
INSERT INTO line (created_at, code, destination, short_url, msgid, callback_url, tags, reference, expires_at, closed_at, ended_reason, first_accessed_at, access_counts, delivered, have, counted_at, blank_at)
VALUES (2117060176000, 'kCQ7FWDTMb', 'https://example.com/offer', 'https://s.example.com/kCQ7FWDTMb', null, 'http://receiver.invalid/previewed', '["offer","previewed"]', null, 2124836176000, null, null, null, '{"person":0,"preview":0,"prefetch":0,"scanner":0,"probe":0}', '[]', 1, 2117060176000, 2127428176000);
INSERT INTO line (created_at, code, destination, short_url, msgid, callback_url, tags, reference, expires_at, closed_at, ended_reason, first_accessed_at, access_counts, delivered, have, counted_at, blank_at)
VALUES (2117060177000, 'qMhmh6mfgK', 'https://example.com/keyed', 'https://s.example.com/qMhmh6mfgK', null, 'http://receiver.invalid/shop', '[]', null, 2124836177000, null, null, null, '{"person":0,"preview":0,"prefetch":0,"scanner":0,"probe":0}', '[]', 1, 2117060177000, 2127428177000);
INSERT INTO line (created_at, code, destination, short_url, msgid, callback_url, tags, reference, expires_at, closed_at, ended_reason, first_accessed_at, access_counts, delivered, have, counted_at, blank_at)
VALUES (2117060178000, 'r6qWcPkk68', 'https://example.com/offer', 'https://s.example.com/r6qWcPkk68', null, 'http://receiver.invalid/owed', '["offer","owed"]', null, 2124836178000, null, null, null, '{"person":0,"preview":0,"prefetch":0,"scanner":0,"probe":0}', '[]', 1, 2117060178000, 2127428178000);
INSERT INTO line (created_at, code, destination, short_url, msgid, callback_url, tags, reference, expires_at, closed_at, ended_reason, first_accessed_at, access_counts, delivered, have, counted_at, blank_at)
VALUES (2117060180000, 'CtgkbL7KQ7', 'https://example.com/offer', 'https://s.example.com/CtgkbL7KQ7', null, 'http://receiver.invalid/attempted', '["offer","attempted"]', null, 2124836180000, null, null, 2117060180000, '{"person":1,"preview":0,"prefetch":0,"scanner":0,"probe":0}', '[]', 2, 2117060183000, 2127428180000);
INSERT INTO journal (position, created_at, code, number, msgid, at, kind, fact, tags)
VALUES (1, 2117059206000, '6nRnK69cmK', 1, null, 2117059206000, 'opened', null, '["offer","exhausted"]');
INSERT INTO journal (position, created_at, code, number, msgid, at, kind, fact, tags)
VALUES (2, 2117059867000, 'QwQ78zqBgp', 1, null, 2117059867000, 'opened', null, '["offer","failing"]');
INSERT INTO journal (position, created_at, code, number, msgid, at, kind, fact, tags)
VALUES (3, 2117060048000, 'qhJTd9C8jp', 1, null, 2117060048000, 'opened', null, '["offer","delivered"]');
INSERT INTO journal (position, created_at, code, number, msgid, at, kind, fact, tags)
VALUES (4, 2117060109000, 'mGQLzNgtJG', 1, null, 2117060109000, 'opened', null, '["offer","expired"]');
INSERT INTO journal (position, created_at, code, number, msgid, at, kind, fact, tags)
VALUES (5, 2117060170000, 'dMmRgr8HGk', 1, null, 2117060170000, 'opened', null, '["offer","ended"]');
INSERT INTO journal (position, created_at, code, number, msgid, at, kind, fact, tags)
VALUES (6, 2117060170000, 'dMmRgr8HGk', 2, null, 2117060170000, 'access', '{"access":"person","first":true,"reason":null,"device":"iPhone","country":null,"network":null,"owed":true}', '["offer","ended"]');
INSERT INTO journal (position, created_at, code, number, msgid, at, kind, fact, tags)
VALUES (7, 2117060170000, 'dMmRgr8HGk', 3, null, 2117060170000, 'ended', null, '["offer","ended"]');
INSERT INTO journal (position, created_at, code, number, msgid, at, kind, fact, tags)
VALUES (8, 2117060171000, 'qWmzzPPckr', 1, null, 2117060171000, 'opened', null, '["offer","withdrawn"]');
INSERT INTO journal (position, created_at, code, number, msgid, at, kind, fact, tags)
VALUES (9, 2117060171000, 'qWmzzPPckr', 2, null, 2117060171000, 'access', '{"access":"person","first":true,"reason":null,"device":"iPhone","country":null,"network":null,"owed":true}', '["offer","withdrawn"]');
INSERT INTO journal (position, created_at, code, number, msgid, at, kind, fact, tags)
VALUES (10, 2117060171000, 'qWmzzPPckr', 3, null, 2117060171000, 'changed', null, '["offer","withdrawn"]');
INSERT INTO journal (position, created_at, code, number, msgid, at, kind, fact, tags)
VALUES (11, 2117060171000, 'qWmzzPPckr', 4, null, 2117060171000, 'callback', '{"eventId":"evt_aGQUd6wnGlyH871AjsWac","state":"withdrawn"}', '["offer","withdrawn"]');
INSERT INTO journal (position, created_at, code, number, msgid, at, kind, fact, tags)
VALUES (12, 2117060172000, 'gNnkg9qCRF', 1, null, 2117060172000, 'opened', null, '["offer","changed"]');
INSERT INTO journal (position, created_at, code, number, msgid, at, kind, fact, tags)
VALUES (13, 2117060172000, 'gNnkg9qCRF', 2, null, 2117060172000, 'changed', null, null);
INSERT INTO journal (position, created_at, code, number, msgid, at, kind, fact, tags)
VALUES (14, 2117060173000, '9pWwCzGgmf', 1, null, 2117060173000, 'opened', null, '["offer","uncalled"]');
INSERT INTO journal (position, created_at, code, number, msgid, at, kind, fact, tags)
VALUES (15, 2117060174000, 'nNqtbndPMc', 1, null, 2117060174000, 'opened', null, '["offer","opened"]');
INSERT INTO journal (position, created_at, code, number, msgid, at, kind, fact, tags)
VALUES (16, 2117060175000, 'chosen', 1, null, 2117060175000, 'opened', null, '["offer","chosen"]');
INSERT INTO journal (position, created_at, code, number, msgid, at, kind, fact, tags)
VALUES (17, 2117060176000, 'kCQ7FWDTMb', 1, null, 2117060176000, 'opened', null, '["offer","previewed"]');
INSERT INTO journal (position, created_at, code, number, msgid, at, kind, fact, tags)
VALUES (18, 2117060177000, 'qMhmh6mfgK', 1, null, 2117060177000, 'opened', null, null);
INSERT INTO journal (position, created_at, code, number, msgid, at, kind, fact, tags)
VALUES (19, 2117060178000, 'r6qWcPkk68', 1, null, 2117060178000, 'opened', null, '["offer","owed"]');
INSERT INTO journal (position, created_at, code, number, msgid, at, kind, fact, tags)
VALUES (20, 2117060180000, 'CtgkbL7KQ7', 1, null, 2117060180000, 'opened', null, '["offer","attempted"]');
INSERT INTO journal (position, created_at, code, number, msgid, at, kind, fact, tags)
VALUES (21, 2117059206000, '6nRnK69cmK', 2, null, 2117059206000, 'access', '{"access":"person","first":true,"reason":null,"device":"iPhone","country":null,"network":null,"owed":true}', '["offer","exhausted"]');
INSERT INTO journal (position, created_at, code, number, msgid, at, kind, fact, tags)
VALUES (22, 2117059206000, '6nRnK69cmK', 3, null, 2117059266000, 'attempt', '{"eventId":"evt_8PDc3sgRiRE98fD6jBB7a","attempt":1,"status":500,"error":null,"durationMs":0}', '["offer","exhausted"]');
INSERT INTO journal (position, created_at, code, number, msgid, at, kind, fact, tags)
VALUES (23, 2117059206000, '6nRnK69cmK', 4, null, 2117059326000, 'attempt', '{"eventId":"evt_8PDc3sgRiRE98fD6jBB7a","attempt":2,"status":500,"error":null,"durationMs":0}', '["offer","exhausted"]');
INSERT INTO journal (position, created_at, code, number, msgid, at, kind, fact, tags)
VALUES (24, 2117059206000, '6nRnK69cmK', 5, null, 2117059386000, 'attempt', '{"eventId":"evt_8PDc3sgRiRE98fD6jBB7a","attempt":3,"status":500,"error":null,"durationMs":0}', '["offer","exhausted"]');
INSERT INTO journal (position, created_at, code, number, msgid, at, kind, fact, tags)
VALUES (25, 2117059206000, '6nRnK69cmK', 6, null, 2117059446000, 'attempt', '{"eventId":"evt_8PDc3sgRiRE98fD6jBB7a","attempt":4,"status":500,"error":null,"durationMs":0}', '["offer","exhausted"]');
INSERT INTO journal (position, created_at, code, number, msgid, at, kind, fact, tags)
VALUES (26, 2117059206000, '6nRnK69cmK', 7, null, 2117059506000, 'attempt', '{"eventId":"evt_8PDc3sgRiRE98fD6jBB7a","attempt":5,"status":500,"error":null,"durationMs":0}', '["offer","exhausted"]');
INSERT INTO journal (position, created_at, code, number, msgid, at, kind, fact, tags)
VALUES (27, 2117059206000, '6nRnK69cmK', 8, null, 2117059566000, 'attempt', '{"eventId":"evt_8PDc3sgRiRE98fD6jBB7a","attempt":6,"status":500,"error":null,"durationMs":0}', '["offer","exhausted"]');
INSERT INTO journal (position, created_at, code, number, msgid, at, kind, fact, tags)
VALUES (28, 2117059867000, 'QwQ78zqBgp', 2, null, 2117059867000, 'access', '{"access":"person","first":true,"reason":null,"device":"iPhone","country":null,"network":null,"owed":true}', '["offer","failing"]');
INSERT INTO journal (position, created_at, code, number, msgid, at, kind, fact, tags)
VALUES (29, 2117059867000, 'QwQ78zqBgp', 3, null, 2117059927000, 'attempt', '{"eventId":"evt_4OuNxwMbLdlo5Yu_kc0KL","attempt":1,"status":500,"error":null,"durationMs":0}', '["offer","failing"]');
INSERT INTO journal (position, created_at, code, number, msgid, at, kind, fact, tags)
VALUES (30, 2117060048000, 'qhJTd9C8jp', 2, null, 2117060048000, 'access', '{"access":"person","first":true,"reason":null,"device":"iPhone","country":null,"network":null,"owed":true}', '["offer","delivered"]');
INSERT INTO journal (position, created_at, code, number, msgid, at, kind, fact, tags)
VALUES (31, 2117060180000, 'CtgkbL7KQ7', 2, null, 2117060180000, 'access', '{"access":"person","first":true,"reason":null,"device":"iPhone","country":null,"network":null,"owed":true}', '["offer","attempted"]');
INSERT INTO failing_callback (created_at, code, state, host, at, attempts, status, error, tried_at, retry_at)
VALUES (2117059206000, '6nRnK69cmK', 'owed', '127.0.0.1:43605', 2117059206000, 6, 500, null, 2117059566000, null);
INSERT INTO failing_callback (created_at, code, state, host, at, attempts, status, error, tried_at, retry_at)
VALUES (2117059867000, 'QwQ78zqBgp', 'owed', '127.0.0.1:43605', 2117059867000, 1, 500, null, 2117059927000, null);

-- alarm: 2037-02-01T00:16:23.800Z
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
    ended_at INTEGER
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
CREATE INDEX callback_by_due ON callback (due_at) WHERE due_at IS NOT NULL;
INSERT INTO book (id, sid, number, opened_at, closed_at, woken_at, checked_to, sweep_due_at, swept_to, tallied_to, tallies_due_at, version, end_due_at, ending_position, ending_to, left_from, ended_at)
VALUES (1, 'rf5wy1ug6l3zuyum16zw', 1, 2117060183100, null, null, null, null, null, 0, 2117061083100, 4, null, null, null, null, null);
INSERT INTO line (created_at, code, destination, short_url, msgid, callback_url, tags, reference, expires_at, closed_at, ended_reason, first_accessed_at, access_counts, delivered, have, counted_at, blank_at)
VALUES (2117060183100, 'f9R9BbdMfz', 'https://example.com/a?b=1', 'https://s.example.com/f9R9BbdMfz', '0r0kayzwcb0000018Kydq5Y7YOd0jVTW', 'http://receiver.invalid/link-failed', '[]', null, 2124836183100, null, null, null, '{"person":0,"preview":0,"prefetch":0,"scanner":0,"probe":0}', '[]', 1, 2117060183100, 2127428183100);
INSERT INTO line (created_at, code, destination, short_url, msgid, callback_url, tags, reference, expires_at, closed_at, ended_reason, first_accessed_at, access_counts, delivered, have, counted_at, blank_at)
VALUES (2117060183200, 'Lz9BNfh799', 'https://example.com/a?b=1', 'https://s.example.com/Lz9BNfh799', '0r0kayzz4b000001aiPwzkxRjnW8t4ou', 'http://receiver.invalid/link-delivered', '["a","b"]', 'order-8', 2124836183200, null, null, null, '{"person":0,"preview":0,"prefetch":0,"scanner":0,"probe":0}', '[]', 1, 2117060183200, 2127428183200);
INSERT INTO line (created_at, code, destination, short_url, msgid, callback_url, tags, reference, expires_at, closed_at, ended_reason, first_accessed_at, access_counts, delivered, have, counted_at, blank_at)
VALUES (2117060183400, '8DbC6TntjN', 'https://example.com/a?b=1', 'https://s.example.com/8DbC6TntjN', '0r0kaz04ob000001xsIH5ic7CGe9foc4', 'http://receiver.invalid/link-delivering', '[]', null, 2124836183400, null, null, null, '{"person":0,"preview":0,"prefetch":0,"scanner":0,"probe":0}', '[]', 1, 2117060183400, 2127428183400);
INSERT INTO line (created_at, code, destination, short_url, msgid, callback_url, tags, reference, expires_at, closed_at, ended_reason, first_accessed_at, access_counts, delivered, have, counted_at, blank_at)
VALUES (2117060183500, 'nnNrPq86wb', 'https://example.com/a?b=1', 'https://s.example.com/nnNrPq86wb', '0r0kaz07gb000001fWsmNtFK39zTlz6j', 'http://receiver.invalid/link-reported', '[]', null, 2124836183500, null, null, null, '{"person":0,"preview":0,"prefetch":0,"scanner":0,"probe":0}', '[]', 1, 2117060183500, 2127428183500);
INSERT INTO line (created_at, code, destination, short_url, msgid, callback_url, tags, reference, expires_at, closed_at, ended_reason, first_accessed_at, access_counts, delivered, have, counted_at, blank_at)
VALUES (2117060183600, 'jHQ6kTPMGf', 'https://example.com/a?b=1', 'https://s.example.com/jHQ6kTPMGf', '0r0kaz0a8b000001v10xDk9CmH9K2NKu', 'http://receiver.invalid/link-later', '[]', null, 2124836183600, null, null, null, '{"person":0,"preview":0,"prefetch":0,"scanner":0,"probe":0}', '[]', 1, 2117060183600, 2127428183600);
INSERT INTO line (created_at, code, destination, short_url, msgid, callback_url, tags, reference, expires_at, closed_at, ended_reason, first_accessed_at, access_counts, delivered, have, counted_at, blank_at)
VALUES (2117060183700, 'hDrgL6qmTg', 'https://example.com/a?b=1', 'https://s.example.com/hDrgL6qmTg', '0r0kaz0d0b000001mCTzGqLbUppC3wgP', 'http://receiver.invalid/link-claimed', '[]', null, 2124836183700, null, null, null, '{"person":0,"preview":0,"prefetch":0,"scanner":0,"probe":0}', '[]', 1, 2117060183700, 2127428183700);
INSERT INTO line (created_at, code, destination, short_url, msgid, callback_url, tags, reference, expires_at, closed_at, ended_reason, first_accessed_at, access_counts, delivered, have, counted_at, blank_at)
VALUES (2117060183800, 'mcbTWzWkrF', 'https://example.com/a?b=1', 'https://s.example.com/mcbTWzWkrF', '0r0kaz0fsb000001qi5HCg8gUZV2RwUL', 'http://receiver.invalid/link-queued', '[]', null, 2124836183800, null, null, null, '{"person":0,"preview":0,"prefetch":0,"scanner":0,"probe":0}', '[]', 1, 2117060183800, 2127428183800);
INSERT INTO journal (position, created_at, code, number, msgid, at, kind, fact, tags)
VALUES (1, 2117060183100, 'f9R9BbdMfz', 1, '0r0kayzwcb0000018Kydq5Y7YOd0jVTW', 2117060183100, 'opened', null, null);
INSERT INTO journal (position, created_at, code, number, msgid, at, kind, fact, tags)
VALUES (2, 2117060183100, null, null, '0r0kayzwcb0000018Kydq5Y7YOd0jVTW', 2117060183100, 'message', '{"from":null,"to":"waiting","hasLink":true,"parts":1,"cost":0,"reason":null,"openedAt":null}', null);
INSERT INTO journal (position, created_at, code, number, msgid, at, kind, fact, tags)
VALUES (3, 2117060183100, null, null, '0r0kayzwcb0000018Kydq5Y7YOd0jVTW', 2117060183100, 'message_callback', '{"eventId":"evt_zNsCPT8cnamaao6klLI2j","state":"owed"}', null);
INSERT INTO journal (position, created_at, code, number, msgid, at, kind, fact, tags)
VALUES (4, 2117060183100, null, null, '0r0kayzwcb0000018Kydq5Y7YOd0jVTW', 2117060183100, 'message', '{"from":"waiting","to":"failed","hasLink":true,"parts":1,"cost":0,"reason":"21211","openedAt":null}', null);
INSERT INTO journal (position, created_at, code, number, msgid, at, kind, fact, tags)
VALUES (5, 2117060183200, 'Lz9BNfh799', 1, '0r0kayzz4b000001aiPwzkxRjnW8t4ou', 2117060183200, 'opened', null, '["a","b"]');
INSERT INTO journal (position, created_at, code, number, msgid, at, kind, fact, tags)
VALUES (6, 2117060183200, null, null, '0r0kayzz4b000001aiPwzkxRjnW8t4ou', 2117060183200, 'message', '{"from":null,"to":"waiting","hasLink":true,"parts":1,"cost":0,"reason":null,"openedAt":null}', '["a","b"]');
INSERT INTO journal (position, created_at, code, number, msgid, at, kind, fact, tags)
VALUES (7, 2117060183100, null, null, '0r0kayzwcb0000018Kydq5Y7YOd0jVTW', 2117060183200, 'message_callback', '{"eventId":"evt_zNsCPT8cnamaao6klLI2j","state":"delivered"}', null);
INSERT INTO journal (position, created_at, code, number, msgid, at, kind, fact, tags)
VALUES (8, 2117060183200, null, null, '0r0kayzz4b000001aiPwzkxRjnW8t4ou', 2117060183200, 'message', '{"from":"waiting","to":"sent","hasLink":true,"parts":1,"cost":0,"reason":null,"openedAt":null}', '["a","b"]');
INSERT INTO journal (position, created_at, code, number, msgid, at, kind, fact, tags)
VALUES (9, 2117060183200, null, null, '0r0kayzz4b000001aiPwzkxRjnW8t4ou', 2117060183200, 'message_callback', '{"eventId":"evt_6GPwdcO-piJjBKwRvabM2","state":"owed"}', '["a","b"]');
INSERT INTO journal (position, created_at, code, number, msgid, at, kind, fact, tags)
VALUES (10, 2117060183200, null, null, '0r0kayzz4b000001aiPwzkxRjnW8t4ou', 2117060183200, 'message', '{"from":"sent","to":"delivered","hasLink":true,"parts":1,"cost":0,"reason":null,"openedAt":null}', '["a","b"]');
INSERT INTO journal (position, created_at, code, number, msgid, at, kind, fact, tags)
VALUES (11, 2117060183200, null, null, '0r0kayzz4b000001aiPwzkxRjnW8t4ou', 2117060183200, 'message_callback', '{"eventId":"evt_6GPwdcO-piJjBKwRvabM2","state":"delivered"}', '["a","b"]');
INSERT INTO journal (position, created_at, code, number, msgid, at, kind, fact, tags)
VALUES (12, 2117060183300, null, null, '0r0kaz01wb000001WdISx42ca5yB4HDl', 2117060183300, 'message', '{"from":null,"to":"waiting","hasLink":false,"parts":1,"cost":0,"reason":null,"openedAt":null}', null);
INSERT INTO journal (position, created_at, code, number, msgid, at, kind, fact, tags)
VALUES (13, 2117060183300, null, null, '0r0kaz01wb000001WdISx42ca5yB4HDl', 2117060183300, 'message', '{"from":"waiting","to":"sent","hasLink":false,"parts":1,"cost":0,"reason":null,"openedAt":null}', null);
INSERT INTO journal (position, created_at, code, number, msgid, at, kind, fact, tags)
VALUES (14, 2117060183400, '8DbC6TntjN', 1, '0r0kaz04ob000001xsIH5ic7CGe9foc4', 2117060183400, 'opened', null, null);
INSERT INTO journal (position, created_at, code, number, msgid, at, kind, fact, tags)
VALUES (15, 2117060183400, null, null, '0r0kaz04ob000001xsIH5ic7CGe9foc4', 2117060183400, 'message', '{"from":null,"to":"waiting","hasLink":true,"parts":1,"cost":0,"reason":null,"openedAt":null}', null);
INSERT INTO journal (position, created_at, code, number, msgid, at, kind, fact, tags)
VALUES (16, 2117060183400, null, null, '0r0kaz04ob000001xsIH5ic7CGe9foc4', 2117060183400, 'message', '{"from":"waiting","to":"sent","hasLink":true,"parts":1,"cost":0,"reason":null,"openedAt":null}', null);
INSERT INTO journal (position, created_at, code, number, msgid, at, kind, fact, tags)
VALUES (17, 2117060183500, 'nnNrPq86wb', 1, '0r0kaz07gb000001fWsmNtFK39zTlz6j', 2117060183500, 'opened', null, null);
INSERT INTO journal (position, created_at, code, number, msgid, at, kind, fact, tags)
VALUES (18, 2117060183500, null, null, '0r0kaz07gb000001fWsmNtFK39zTlz6j', 2117060183500, 'message', '{"from":null,"to":"waiting","hasLink":true,"parts":1,"cost":0,"reason":null,"openedAt":null}', null);
INSERT INTO journal (position, created_at, code, number, msgid, at, kind, fact, tags)
VALUES (19, 2117060183500, null, null, '0r0kaz07gb000001fWsmNtFK39zTlz6j', 2117060183500, 'message', '{"from":"waiting","to":"sent","hasLink":true,"parts":1,"cost":0,"reason":null,"openedAt":null}', null);
INSERT INTO journal (position, created_at, code, number, msgid, at, kind, fact, tags)
VALUES (20, 2117060183600, 'jHQ6kTPMGf', 1, '0r0kaz0a8b000001v10xDk9CmH9K2NKu', 2117060183600, 'opened', null, null);
INSERT INTO journal (position, created_at, code, number, msgid, at, kind, fact, tags)
VALUES (21, 2117060183600, null, null, '0r0kaz0a8b000001v10xDk9CmH9K2NKu', 2117060183600, 'message', '{"from":null,"to":"waiting","hasLink":true,"parts":1,"cost":0,"reason":null,"openedAt":null}', null);
INSERT INTO journal (position, created_at, code, number, msgid, at, kind, fact, tags)
VALUES (22, 2117060183700, 'hDrgL6qmTg', 1, '0r0kaz0d0b000001mCTzGqLbUppC3wgP', 2117060183700, 'opened', null, null);
INSERT INTO journal (position, created_at, code, number, msgid, at, kind, fact, tags)
VALUES (23, 2117060183700, null, null, '0r0kaz0d0b000001mCTzGqLbUppC3wgP', 2117060183700, 'message', '{"from":null,"to":"waiting","hasLink":true,"parts":1,"cost":0,"reason":null,"openedAt":null}', null);
INSERT INTO journal (position, created_at, code, number, msgid, at, kind, fact, tags)
VALUES (24, 2117060183800, 'mcbTWzWkrF', 1, '0r0kaz0fsb000001qi5HCg8gUZV2RwUL', 2117060183800, 'opened', null, null);
INSERT INTO journal (position, created_at, code, number, msgid, at, kind, fact, tags)
VALUES (25, 2117060183800, null, null, '0r0kaz0fsb000001qi5HCg8gUZV2RwUL', 2117060183800, 'message', '{"from":null,"to":"waiting","hasLink":true,"parts":1,"cost":0,"reason":null,"openedAt":null}', null);
INSERT INTO journal (position, created_at, code, number, msgid, at, kind, fact, tags)
VALUES (26, 2117060183500, null, null, '0r0kaz07gb000001fWsmNtFK39zTlz6j', 2117060183800, 'message_callback', '{"eventId":"evt_QtSsJR5INwUeW2I8LutOc","state":"owed"}', null);
INSERT INTO journal (position, created_at, code, number, msgid, at, kind, fact, tags)
VALUES (27, 2117060183500, null, null, '0r0kaz07gb000001fWsmNtFK39zTlz6j', 2117060183800, 'message', '{"from":"sent","to":"delivered","hasLink":true,"parts":1,"cost":0,"reason":null,"openedAt":null}', null);
INSERT INTO message (msgid, origin, sender, recipient, text, parts, cost, tags, reference, callback_url, code, destination, short_url, link_expires_at, created_at, status, reason, carrier, carrier_id, first_accessed_at, event_id, send_due_at, jobs_sent, claimed_at, claim_id, tries, forget_at, given_at, settled_at)
VALUES ('0r0kayzwcb0000018Kydq5Y7YOd0jVTW', 'https://s.example.com', 'SHOP', '+819010000000', 'Your offer: https://s.example.com/f9R9BbdMfz Bye', 1, 0, '[]', null, 'http://receiver.invalid/message-failed', 'f9R9BbdMfz', 'https://example.com/a?b=1', 'https://s.example.com/f9R9BbdMfz', 2124836183100, 2117060183100, 'FAIL', '21211: Invalid ''To'' Phone Number', 'twilio', null, null, 'evt_zNsCPT8cnamaao6klLI2j', null, 1, null, 'qx4p0ejOvBDRdOQY7apq7', 0, 2127428183100, null, 2117060183100);
INSERT INTO message (msgid, origin, sender, recipient, text, parts, cost, tags, reference, callback_url, code, destination, short_url, link_expires_at, created_at, status, reason, carrier, carrier_id, first_accessed_at, event_id, send_due_at, jobs_sent, claimed_at, claim_id, tries, forget_at, given_at, settled_at)
VALUES ('0r0kayzz4b000001aiPwzkxRjnW8t4ou', 'https://s.example.com', 'SHOP', '+819010000001', 'Your offer: https://s.example.com/Lz9BNfh799 Bye', 1, 0, '["a","b"]', 'order-8', 'http://receiver.invalid/message-delivered', 'Lz9BNfh799', 'https://example.com/a?b=1', 'https://s.example.com/Lz9BNfh799', 2124836183200, 2117060183200, 'DELIVERED', null, 'twilio', 'SM-delivered', null, 'evt_6GPwdcO-piJjBKwRvabM2', null, 1, null, 'XQdLYU5ftUSdrlJhX7I0L', 0, 2127428183200, 2117060183200, 2117060183200);
INSERT INTO message (msgid, origin, sender, recipient, text, parts, cost, tags, reference, callback_url, code, destination, short_url, link_expires_at, created_at, status, reason, carrier, carrier_id, first_accessed_at, event_id, send_due_at, jobs_sent, claimed_at, claim_id, tries, forget_at, given_at, settled_at)
VALUES ('0r0kaz01wb000001WdISx42ca5yB4HDl', 'https://s.example.com', 'SHOP', '+819010000002', 'Your offer: https://example.com/a?b=1 Bye', 1, 0, '[]', null, null, null, null, null, null, 2117060183300, 'DELIVERING', null, 'twilio', 'SM-untracked', null, null, null, 1, null, 'pJ-Lt0Frn-8mqFxbryP0z', 0, 2127428183300, 2117060183300, null);
INSERT INTO message (msgid, origin, sender, recipient, text, parts, cost, tags, reference, callback_url, code, destination, short_url, link_expires_at, created_at, status, reason, carrier, carrier_id, first_accessed_at, event_id, send_due_at, jobs_sent, claimed_at, claim_id, tries, forget_at, given_at, settled_at)
VALUES ('0r0kaz04ob000001xsIH5ic7CGe9foc4', 'https://s.example.com', 'SHOP', '+819010000003', 'Your offer: https://s.example.com/8DbC6TntjN Bye', 1, 0, '[]', null, 'http://receiver.invalid/message-delivering', '8DbC6TntjN', 'https://example.com/a?b=1', 'https://s.example.com/8DbC6TntjN', 2124836183400, 2117060183400, 'DELIVERING', null, 'twilio', 'SM-delivering', null, null, null, 1, null, '42MR_BLHhPaNoBHsqZmBC', 0, 2127428183400, 2117060183400, null);
INSERT INTO message (msgid, origin, sender, recipient, text, parts, cost, tags, reference, callback_url, code, destination, short_url, link_expires_at, created_at, status, reason, carrier, carrier_id, first_accessed_at, event_id, send_due_at, jobs_sent, claimed_at, claim_id, tries, forget_at, given_at, settled_at)
VALUES ('0r0kaz07gb000001fWsmNtFK39zTlz6j', 'https://s.example.com', 'SHOP', '+819010000004', 'Your offer: https://s.example.com/nnNrPq86wb Bye', 1, 0, '[]', null, 'http://receiver.invalid/message-reported', 'nnNrPq86wb', 'https://example.com/a?b=1', 'https://s.example.com/nnNrPq86wb', 2124836183500, 2117060183500, 'DELIVERED', null, 'twilio', 'SM-reported', null, 'evt_QtSsJR5INwUeW2I8LutOc', null, 1, null, 'lQQQK5UgN0pgJxDaBx4qs', 0, 2127428183500, 2117060183500, 2117060183800);
INSERT INTO message (msgid, origin, sender, recipient, text, parts, cost, tags, reference, callback_url, code, destination, short_url, link_expires_at, created_at, status, reason, carrier, carrier_id, first_accessed_at, event_id, send_due_at, jobs_sent, claimed_at, claim_id, tries, forget_at, given_at, settled_at)
VALUES ('0r0kaz0a8b000001v10xDk9CmH9K2NKu', 'https://s.example.com', 'SHOP', '+819010000005', 'Your offer: https://s.example.com/jHQ6kTPMGf Bye', 1, 0, '[]', null, 'http://receiver.invalid/message-later', 'jHQ6kTPMGf', 'https://example.com/a?b=1', 'https://s.example.com/jHQ6kTPMGf', 2124836183600, 2117060183600, 'QUEUED', '20503: busy', 'twilio', null, null, null, 2117060185566, 0, null, 'OYHxyMJuQWRUfUkksd1x9', 1, 2127428183600, null, null);
INSERT INTO message (msgid, origin, sender, recipient, text, parts, cost, tags, reference, callback_url, code, destination, short_url, link_expires_at, created_at, status, reason, carrier, carrier_id, first_accessed_at, event_id, send_due_at, jobs_sent, claimed_at, claim_id, tries, forget_at, given_at, settled_at)
VALUES ('0r0kaz0d0b000001mCTzGqLbUppC3wgP', 'https://s.example.com', 'SHOP', '+819010000006', 'Your offer: https://s.example.com/hDrgL6qmTg Bye', 1, 0, '[]', null, 'http://receiver.invalid/message-claimed', 'hDrgL6qmTg', 'https://example.com/a?b=1', 'https://s.example.com/hDrgL6qmTg', 2124836183700, 2117060183700, 'QUEUED', null, 'twilio', null, null, null, 2117060243700, 1, 2117060183700, '8wmHR6q72rOPutSR9kiTq', 0, 2127428183700, null, null);
INSERT INTO message (msgid, origin, sender, recipient, text, parts, cost, tags, reference, callback_url, code, destination, short_url, link_expires_at, created_at, status, reason, carrier, carrier_id, first_accessed_at, event_id, send_due_at, jobs_sent, claimed_at, claim_id, tries, forget_at, given_at, settled_at)
VALUES ('0r0kaz0fsb000001qi5HCg8gUZV2RwUL', 'https://s.example.com', 'SHOP', '+819010000007', 'Your offer: https://s.example.com/mcbTWzWkrF Bye', 1, 0, '[]', null, 'http://receiver.invalid/message-queued', 'mcbTWzWkrF', 'https://example.com/a?b=1', 'https://s.example.com/mcbTWzWkrF', 2124836183800, 2117060183800, 'QUEUED', null, null, null, null, null, 2117060183800, 0, null, null, 0, 2127428183800, null, null);
INSERT INTO callback (event_id, url, own_host, body, state, next_attempt_at, due_at, jobs_sent, attempts)
VALUES ('evt_6GPwdcO-piJjBKwRvabM2', 'http://receiver.invalid/message-delivered', 's.example.com', '{"type":"message.delivered","timestamp":"2037-02-01T00:16:23.200Z","data":{"msgid":"0r0kayzz4b000001aiPwzkxRjnW8t4ou","url":"https://s.example.com/sms/messages/0r0kayzz4b000001aiPwzkxRjnW8t4ou/","sender":"SHOP","recipient":"+819010000001","status":"DELIVERED","reason":null,"sent_time":"2037-02-01 00:16:23","cost":0,"parts":1,"tags":["a","b"],"reference":"order-8","link_tracking":{"link":"https://example.com/a?b=1","shortlink":"https://s.example.com/Lz9BNfh799","accessed":false,"accessed_on":null}}}', 'delivered', null, null, 0, '[{"n":1,"at":2117060183200,"status":200,"error":null,"durationMs":0,"number":null}]');
INSERT INTO callback (event_id, url, own_host, body, state, next_attempt_at, due_at, jobs_sent, attempts)
VALUES ('evt_QtSsJR5INwUeW2I8LutOc', 'http://receiver.invalid/message-reported', 's.example.com', '{"type":"message.delivered","timestamp":"2037-02-01T00:16:23.800Z","data":{"msgid":"0r0kaz07gb000001fWsmNtFK39zTlz6j","url":"https://s.example.com/sms/messages/0r0kaz07gb000001fWsmNtFK39zTlz6j/","sender":"SHOP","recipient":"+819010000004","status":"DELIVERED","reason":null,"sent_time":"2037-02-01 00:16:23","cost":0,"parts":1,"tags":[],"reference":null,"link_tracking":{"link":"https://example.com/a?b=1","shortlink":"https://s.example.com/nnNrPq86wb","accessed":false,"accessed_on":null}}}', 'owed', 2117060183800, 2117060183800, 0, '[]');
INSERT INTO callback (event_id, url, own_host, body, state, next_attempt_at, due_at, jobs_sent, attempts)
VALUES ('evt_zNsCPT8cnamaao6klLI2j', 'http://receiver.invalid/message-failed', 's.example.com', '{"type":"message.failed","timestamp":"2037-02-01T00:16:23.100Z","data":{"msgid":"0r0kayzwcb0000018Kydq5Y7YOd0jVTW","url":"https://s.example.com/sms/messages/0r0kayzwcb0000018Kydq5Y7YOd0jVTW/","sender":"SHOP","recipient":"+819010000000","status":"FAIL","reason":"21211: Invalid ''To'' Phone Number","sent_time":"2037-02-01 00:16:23","cost":0,"parts":1,"tags":[],"reference":null,"link_tracking":{"link":"https://example.com/a?b=1","shortlink":"https://s.example.com/f9R9BbdMfz","accessed":false,"accessed_on":null}}}', 'delivered', null, null, 0, '[{"n":1,"at":2117060183200,"status":200,"error":null,"durationMs":0,"number":null}]');

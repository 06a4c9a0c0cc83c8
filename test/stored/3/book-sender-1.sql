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
INSERT INTO book (id, sid, number, opened_at, closed_at, woken_at, checked_to, sweep_due_at, swept_to, tallied_to, tallies_due_at, version, end_due_at, ending_position, ending_to, left_from, ended_at, signs)
VALUES (1, 'by0ycx5w5l1axr3dhqk3', 1, 2117060183100, null, null, null, null, null, 0, 2117061083100, 5, null, null, null, null, null, null);
INSERT INTO line (created_at, code, destination, short_url, msgid, callback_url, tags, reference, expires_at, closed_at, ended_reason, first_accessed_at, access_counts, delivered, have, counted_at, blank_at)
VALUES (2117060183100, 'dM7WmjKcmD', 'https://example.com/a?b=1', 'https://s.example.com/dM7WmjKcmD', '0r0kayzwcb0000017txzcJv7srCXSlgQ', 'http://receiver.invalid/link-failed', '[]', null, 2124836183100, null, null, null, '{"person":0,"preview":0,"prefetch":0,"scanner":0,"probe":0}', '[]', 1, 2117060183100, 2127428183100);
INSERT INTO line (created_at, code, destination, short_url, msgid, callback_url, tags, reference, expires_at, closed_at, ended_reason, first_accessed_at, access_counts, delivered, have, counted_at, blank_at)
VALUES (2117060183200, 'kHf8BBwzf7', 'https://example.com/a?b=1', 'https://s.example.com/kHf8BBwzf7', '0r0kayzz4b0000018rNAWdISx42ca5yB', 'http://receiver.invalid/link-delivered', '["a","b"]', 'order-8', 2124836183200, null, null, null, '{"person":0,"preview":0,"prefetch":0,"scanner":0,"probe":0}', '[]', 1, 2117060183200, 2127428183200);
INSERT INTO line (created_at, code, destination, short_url, msgid, callback_url, tags, reference, expires_at, closed_at, ended_reason, first_accessed_at, access_counts, delivered, have, counted_at, blank_at)
VALUES (2117060183400, 'wRtCDcWWkR', 'https://example.com/a?b=1', 'https://s.example.com/wRtCDcWWkR', '0r0kaz04ob0000012NKuWUefSZxABCPd', 'http://receiver.invalid/link-delivering', '[]', null, 2124836183400, null, null, null, '{"person":0,"preview":0,"prefetch":0,"scanner":0,"probe":0}', '[]', 1, 2117060183400, 2127428183400);
INSERT INTO line (created_at, code, destination, short_url, msgid, callback_url, tags, reference, expires_at, closed_at, ended_reason, first_accessed_at, access_counts, delivered, have, counted_at, blank_at)
VALUES (2117060183500, 'dHmGfff6cg', 'https://example.com/a?b=1', 'https://s.example.com/dHmGfff6cg', '0r0kaz07gb0000013r1B5l94mow4Ww1u', 'http://receiver.invalid/link-reported', '[]', null, 2124836183500, null, null, null, '{"person":0,"preview":0,"prefetch":0,"scanner":0,"probe":0}', '[]', 1, 2117060183500, 2127428183500);
INSERT INTO line (created_at, code, destination, short_url, msgid, callback_url, tags, reference, expires_at, closed_at, ended_reason, first_accessed_at, access_counts, delivered, have, counted_at, blank_at)
VALUES (2117060183600, 'zkjjQtPCcz', 'https://example.com/a?b=1', 'https://s.example.com/zkjjQtPCcz', '0r0kaz0a8b000001LyYBaZilH6P8JZX4', 'http://receiver.invalid/link-later', '[]', null, 2124836183600, null, null, null, '{"person":0,"preview":0,"prefetch":0,"scanner":0,"probe":0}', '[]', 1, 2117060183600, 2127428183600);
INSERT INTO line (created_at, code, destination, short_url, msgid, callback_url, tags, reference, expires_at, closed_at, ended_reason, first_accessed_at, access_counts, delivered, have, counted_at, blank_at)
VALUES (2117060183700, 'QtLJmFzqkh', 'https://example.com/a?b=1', 'https://s.example.com/QtLJmFzqkh', '0r0kaz0d0b0000010Hk1ZFzYPPyPa3iz', 'http://receiver.invalid/link-claimed', '[]', null, 2124836183700, null, null, null, '{"person":0,"preview":0,"prefetch":0,"scanner":0,"probe":0}', '[]', 1, 2117060183700, 2127428183700);
INSERT INTO line (created_at, code, destination, short_url, msgid, callback_url, tags, reference, expires_at, closed_at, ended_reason, first_accessed_at, access_counts, delivered, have, counted_at, blank_at)
VALUES (2117060183800, 'Nhtbmtgc6q', 'https://example.com/a?b=1', 'https://s.example.com/Nhtbmtgc6q', '0r0kaz0fsb000001WuktWPqeKsOvRFoW', 'http://receiver.invalid/link-queued', '[]', null, 2124836183800, null, null, null, '{"person":0,"preview":0,"prefetch":0,"scanner":0,"probe":0}', '[]', 1, 2117060183800, 2127428183800);
INSERT INTO journal (position, created_at, code, number, msgid, at, kind, fact, tags)
VALUES (1, 2117060183100, 'dM7WmjKcmD', 1, '0r0kayzwcb0000017txzcJv7srCXSlgQ', 2117060183100, 'opened', null, null);
INSERT INTO journal (position, created_at, code, number, msgid, at, kind, fact, tags)
VALUES (2, 2117060183100, null, null, '0r0kayzwcb0000017txzcJv7srCXSlgQ', 2117060183100, 'message', '{"from":null,"to":"waiting","hasLink":true,"parts":1,"cost":0,"reason":null,"openedAt":null}', null);
INSERT INTO journal (position, created_at, code, number, msgid, at, kind, fact, tags)
VALUES (3, 2117060183100, null, null, '0r0kayzwcb0000017txzcJv7srCXSlgQ', 2117060183100, 'message_callback', '{"eventId":"evt_H1A7NNdh5tD-m5AtiLuzG","state":"owed"}', null);
INSERT INTO journal (position, created_at, code, number, msgid, at, kind, fact, tags)
VALUES (4, 2117060183100, null, null, '0r0kayzwcb0000017txzcJv7srCXSlgQ', 2117060183100, 'message', '{"from":"waiting","to":"failed","hasLink":true,"parts":1,"cost":0,"reason":"21211","openedAt":null}', null);
INSERT INTO journal (position, created_at, code, number, msgid, at, kind, fact, tags)
VALUES (5, 2117060183200, 'kHf8BBwzf7', 1, '0r0kayzz4b0000018rNAWdISx42ca5yB', 2117060183200, 'opened', null, '["a","b"]');
INSERT INTO journal (position, created_at, code, number, msgid, at, kind, fact, tags)
VALUES (6, 2117060183200, null, null, '0r0kayzz4b0000018rNAWdISx42ca5yB', 2117060183200, 'message', '{"from":null,"to":"waiting","hasLink":true,"parts":1,"cost":0,"reason":null,"openedAt":null}', '["a","b"]');
INSERT INTO journal (position, created_at, code, number, msgid, at, kind, fact, tags)
VALUES (7, 2117060183100, null, null, '0r0kayzwcb0000017txzcJv7srCXSlgQ', 2117060183200, 'message_callback', '{"eventId":"evt_H1A7NNdh5tD-m5AtiLuzG","state":"delivered"}', null);
INSERT INTO journal (position, created_at, code, number, msgid, at, kind, fact, tags)
VALUES (8, 2117060183200, null, null, '0r0kayzz4b0000018rNAWdISx42ca5yB', 2117060183200, 'message', '{"from":"waiting","to":"sent","hasLink":true,"parts":1,"cost":0,"reason":null,"openedAt":null}', '["a","b"]');
INSERT INTO journal (position, created_at, code, number, msgid, at, kind, fact, tags)
VALUES (9, 2117060183200, null, null, '0r0kayzz4b0000018rNAWdISx42ca5yB', 2117060183200, 'message_callback', '{"eventId":"evt_cwl3QfzXk1WAwILWMnp3e","state":"owed"}', '["a","b"]');
INSERT INTO journal (position, created_at, code, number, msgid, at, kind, fact, tags)
VALUES (10, 2117060183200, null, null, '0r0kayzz4b0000018rNAWdISx42ca5yB', 2117060183200, 'message', '{"from":"sent","to":"delivered","hasLink":true,"parts":1,"cost":0,"reason":null,"openedAt":null}', '["a","b"]');
INSERT INTO journal (position, created_at, code, number, msgid, at, kind, fact, tags)
VALUES (11, 2117060183200, null, null, '0r0kayzz4b0000018rNAWdISx42ca5yB', 2117060183200, 'message_callback', '{"eventId":"evt_cwl3QfzXk1WAwILWMnp3e","state":"delivered"}', '["a","b"]');
INSERT INTO journal (position, created_at, code, number, msgid, at, kind, fact, tags)
VALUES (12, 2117060183300, null, null, '0r0kaz01wb000001K39zTlz6jLhk1Irr', 2117060183300, 'message', '{"from":null,"to":"waiting","hasLink":false,"parts":1,"cost":0,"reason":null,"openedAt":null}', null);
INSERT INTO journal (position, created_at, code, number, msgid, at, kind, fact, tags)
VALUES (13, 2117060183300, null, null, '0r0kaz01wb000001K39zTlz6jLhk1Irr', 2117060183300, 'message', '{"from":"waiting","to":"sent","hasLink":false,"parts":1,"cost":0,"reason":null,"openedAt":null}', null);
INSERT INTO journal (position, created_at, code, number, msgid, at, kind, fact, tags)
VALUES (14, 2117060183400, 'wRtCDcWWkR', 1, '0r0kaz04ob0000012NKuWUefSZxABCPd', 2117060183400, 'opened', null, null);
INSERT INTO journal (position, created_at, code, number, msgid, at, kind, fact, tags)
VALUES (15, 2117060183400, null, null, '0r0kaz04ob0000012NKuWUefSZxABCPd', 2117060183400, 'message', '{"from":null,"to":"waiting","hasLink":true,"parts":1,"cost":0,"reason":null,"openedAt":null}', null);
INSERT INTO journal (position, created_at, code, number, msgid, at, kind, fact, tags)
VALUES (16, 2117060183400, null, null, '0r0kaz04ob0000012NKuWUefSZxABCPd', 2117060183400, 'message', '{"from":"waiting","to":"sent","hasLink":true,"parts":1,"cost":0,"reason":null,"openedAt":null}', null);
INSERT INTO journal (position, created_at, code, number, msgid, at, kind, fact, tags)
VALUES (17, 2117060183500, 'dHmGfff6cg', 1, '0r0kaz07gb0000013r1B5l94mow4Ww1u', 2117060183500, 'opened', null, null);
INSERT INTO journal (position, created_at, code, number, msgid, at, kind, fact, tags)
VALUES (18, 2117060183500, null, null, '0r0kaz07gb0000013r1B5l94mow4Ww1u', 2117060183500, 'message', '{"from":null,"to":"waiting","hasLink":true,"parts":1,"cost":0,"reason":null,"openedAt":null}', null);
INSERT INTO journal (position, created_at, code, number, msgid, at, kind, fact, tags)
VALUES (19, 2117060183500, null, null, '0r0kaz07gb0000013r1B5l94mow4Ww1u', 2117060183500, 'message', '{"from":"waiting","to":"sent","hasLink":true,"parts":1,"cost":0,"reason":null,"openedAt":null}', null);
INSERT INTO journal (position, created_at, code, number, msgid, at, kind, fact, tags)
VALUES (20, 2117060183600, 'zkjjQtPCcz', 1, '0r0kaz0a8b000001LyYBaZilH6P8JZX4', 2117060183600, 'opened', null, null);
INSERT INTO journal (position, created_at, code, number, msgid, at, kind, fact, tags)
VALUES (21, 2117060183600, null, null, '0r0kaz0a8b000001LyYBaZilH6P8JZX4', 2117060183600, 'message', '{"from":null,"to":"waiting","hasLink":true,"parts":1,"cost":0,"reason":null,"openedAt":null}', null);
INSERT INTO journal (position, created_at, code, number, msgid, at, kind, fact, tags)
VALUES (22, 2117060183700, 'QtLJmFzqkh', 1, '0r0kaz0d0b0000010Hk1ZFzYPPyPa3iz', 2117060183700, 'opened', null, null);
INSERT INTO journal (position, created_at, code, number, msgid, at, kind, fact, tags)
VALUES (23, 2117060183700, null, null, '0r0kaz0d0b0000010Hk1ZFzYPPyPa3iz', 2117060183700, 'message', '{"from":null,"to":"waiting","hasLink":true,"parts":1,"cost":0,"reason":null,"openedAt":null}', null);
INSERT INTO journal (position, created_at, code, number, msgid, at, kind, fact, tags)
VALUES (24, 2117060183800, 'Nhtbmtgc6q', 1, '0r0kaz0fsb000001WuktWPqeKsOvRFoW', 2117060183800, 'opened', null, null);
INSERT INTO journal (position, created_at, code, number, msgid, at, kind, fact, tags)
VALUES (25, 2117060183800, null, null, '0r0kaz0fsb000001WuktWPqeKsOvRFoW', 2117060183800, 'message', '{"from":null,"to":"waiting","hasLink":true,"parts":1,"cost":0,"reason":null,"openedAt":null}', null);
INSERT INTO journal (position, created_at, code, number, msgid, at, kind, fact, tags)
VALUES (26, 2117060183500, null, null, '0r0kaz07gb0000013r1B5l94mow4Ww1u', 2117060183800, 'message_callback', '{"eventId":"evt_Rw23ktD5Wl5Quhyi9uxBt","state":"owed"}', null);
INSERT INTO journal (position, created_at, code, number, msgid, at, kind, fact, tags)
VALUES (27, 2117060183500, null, null, '0r0kaz07gb0000013r1B5l94mow4Ww1u', 2117060183800, 'message', '{"from":"sent","to":"delivered","hasLink":true,"parts":1,"cost":0,"reason":null,"openedAt":null}', null);
INSERT INTO message (msgid, origin, sender, recipient, text, parts, cost, tags, reference, callback_url, code, destination, short_url, link_expires_at, created_at, status, reason, carrier, carrier_id, first_accessed_at, event_id, send_due_at, jobs_sent, claimed_at, claim_id, tries, forget_at, given_at, settled_at)
VALUES ('0r0kayzwcb0000017txzcJv7srCXSlgQ', 'https://s.example.com', 'SHOP', '+819010000000', 'Your offer: https://s.example.com/dM7WmjKcmD Bye', 1, 0, '[]', null, 'http://receiver.invalid/message-failed', 'dM7WmjKcmD', 'https://example.com/a?b=1', 'https://s.example.com/dM7WmjKcmD', 2124836183100, 2117060183100, 'FAIL', '21211: Invalid ''To'' Phone Number', 'twilio', null, null, 'evt_H1A7NNdh5tD-m5AtiLuzG', null, 1, null, 'crB-2TRHXMTnpYfZbZrPJ', 0, 2127428183100, null, 2117060183100);
INSERT INTO message (msgid, origin, sender, recipient, text, parts, cost, tags, reference, callback_url, code, destination, short_url, link_expires_at, created_at, status, reason, carrier, carrier_id, first_accessed_at, event_id, send_due_at, jobs_sent, claimed_at, claim_id, tries, forget_at, given_at, settled_at)
VALUES ('0r0kayzz4b0000018rNAWdISx42ca5yB', 'https://s.example.com', 'SHOP', '+819010000001', 'Your offer: https://s.example.com/kHf8BBwzf7 Bye', 1, 0, '["a","b"]', 'order-8', 'http://receiver.invalid/message-delivered', 'kHf8BBwzf7', 'https://example.com/a?b=1', 'https://s.example.com/kHf8BBwzf7', 2124836183200, 2117060183200, 'DELIVERED', null, 'twilio', 'SM-delivered', null, 'evt_cwl3QfzXk1WAwILWMnp3e', null, 1, null, 'AWWLxqhBpJ-Lt0Frn-8mq', 0, 2127428183200, 2117060183200, 2117060183200);
INSERT INTO message (msgid, origin, sender, recipient, text, parts, cost, tags, reference, callback_url, code, destination, short_url, link_expires_at, created_at, status, reason, carrier, carrier_id, first_accessed_at, event_id, send_due_at, jobs_sent, claimed_at, claim_id, tries, forget_at, given_at, settled_at)
VALUES ('0r0kaz01wb000001K39zTlz6jLhk1Irr', 'https://s.example.com', 'SHOP', '+819010000002', 'Your offer: https://example.com/a?b=1 Bye', 1, 0, '[]', null, null, null, null, null, null, 2117060183300, 'DELIVERING', null, 'twilio', 'SM-untracked', null, null, null, 1, null, 'JxDaBx4qsUUytUvgGDxSY', 0, 2127428183300, 2117060183300, null);
INSERT INTO message (msgid, origin, sender, recipient, text, parts, cost, tags, reference, callback_url, code, destination, short_url, link_expires_at, created_at, status, reason, carrier, carrier_id, first_accessed_at, event_id, send_due_at, jobs_sent, claimed_at, claim_id, tries, forget_at, given_at, settled_at)
VALUES ('0r0kaz04ob0000012NKuWUefSZxABCPd', 'https://s.example.com', 'SHOP', '+819010000003', 'Your offer: https://s.example.com/wRtCDcWWkR Bye', 1, 0, '[]', null, 'http://receiver.invalid/message-delivering', 'wRtCDcWWkR', 'https://example.com/a?b=1', 'https://s.example.com/wRtCDcWWkR', 2124836183400, 2117060183400, 'DELIVERING', null, 'twilio', 'SM-delivering', null, null, null, 1, null, 'fUkksd1x9SxKWS9WqYMQw', 0, 2127428183400, 2117060183400, null);
INSERT INTO message (msgid, origin, sender, recipient, text, parts, cost, tags, reference, callback_url, code, destination, short_url, link_expires_at, created_at, status, reason, carrier, carrier_id, first_accessed_at, event_id, send_due_at, jobs_sent, claimed_at, claim_id, tries, forget_at, given_at, settled_at)
VALUES ('0r0kaz07gb0000013r1B5l94mow4Ww1u', 'https://s.example.com', 'SHOP', '+819010000004', 'Your offer: https://s.example.com/dHmGfff6cg Bye', 1, 0, '[]', null, 'http://receiver.invalid/message-reported', 'dHmGfff6cg', 'https://example.com/a?b=1', 'https://s.example.com/dHmGfff6cg', 2124836183500, 2117060183500, 'DELIVERED', null, 'twilio', 'SM-reported', null, 'evt_Rw23ktD5Wl5Quhyi9uxBt', null, 1, null, '9kiTqKUaxDZuSzM0dcPPw', 0, 2127428183500, 2117060183500, 2117060183800);
INSERT INTO message (msgid, origin, sender, recipient, text, parts, cost, tags, reference, callback_url, code, destination, short_url, link_expires_at, created_at, status, reason, carrier, carrier_id, first_accessed_at, event_id, send_due_at, jobs_sent, claimed_at, claim_id, tries, forget_at, given_at, settled_at)
VALUES ('0r0kaz0a8b000001LyYBaZilH6P8JZX4', 'https://s.example.com', 'SHOP', '+819010000005', 'Your offer: https://s.example.com/zkjjQtPCcz Bye', 1, 0, '[]', null, 'http://receiver.invalid/message-later', 'zkjjQtPCcz', 'https://example.com/a?b=1', 'https://s.example.com/zkjjQtPCcz', 2124836183600, 2117060183600, 'QUEUED', '20503: busy', 'twilio', null, null, null, 2117060185596, 0, null, 'LutOcmZfJG-7Jw-wfoiuW', 1, 2127428183600, null, null);
INSERT INTO message (msgid, origin, sender, recipient, text, parts, cost, tags, reference, callback_url, code, destination, short_url, link_expires_at, created_at, status, reason, carrier, carrier_id, first_accessed_at, event_id, send_due_at, jobs_sent, claimed_at, claim_id, tries, forget_at, given_at, settled_at)
VALUES ('0r0kaz0d0b0000010Hk1ZFzYPPyPa3iz', 'https://s.example.com', 'SHOP', '+819010000006', 'Your offer: https://s.example.com/QtLJmFzqkh Bye', 1, 0, '[]', null, 'http://receiver.invalid/message-claimed', 'QtLJmFzqkh', 'https://example.com/a?b=1', 'https://s.example.com/QtLJmFzqkh', 2124836183700, 2117060183700, 'QUEUED', null, 'twilio', null, null, null, 2117060243700, 1, 2117060183700, '4FsEc89OSjb6JakZg86jA', 0, 2127428183700, null, null);
INSERT INTO message (msgid, origin, sender, recipient, text, parts, cost, tags, reference, callback_url, code, destination, short_url, link_expires_at, created_at, status, reason, carrier, carrier_id, first_accessed_at, event_id, send_due_at, jobs_sent, claimed_at, claim_id, tries, forget_at, given_at, settled_at)
VALUES ('0r0kaz0fsb000001WuktWPqeKsOvRFoW', 'https://s.example.com', 'SHOP', '+819010000007', 'Your offer: https://s.example.com/Nhtbmtgc6q Bye', 1, 0, '[]', null, 'http://receiver.invalid/message-queued', 'Nhtbmtgc6q', 'https://example.com/a?b=1', 'https://s.example.com/Nhtbmtgc6q', 2124836183800, 2117060183800, 'QUEUED', null, null, null, null, null, 2117060183800, 0, null, null, 0, 2127428183800, null, null);
INSERT INTO callback (event_id, url, own_host, body, state, next_attempt_at, due_at, jobs_sent, attempts)
VALUES ('evt_H1A7NNdh5tD-m5AtiLuzG', 'http://receiver.invalid/message-failed', 's.example.com', '{"type":"message.failed","timestamp":"2037-02-01T00:16:23.100Z","data":{"msgid":"0r0kayzwcb0000017txzcJv7srCXSlgQ","url":"https://s.example.com/sms/messages/0r0kayzwcb0000017txzcJv7srCXSlgQ/","sender":"SHOP","recipient":"+819010000000","status":"FAIL","reason":"21211: Invalid ''To'' Phone Number","sent_time":"2037-02-01 00:16:23","cost":0,"parts":1,"tags":[],"reference":null,"link_tracking":{"link":"https://example.com/a?b=1","shortlink":"https://s.example.com/dM7WmjKcmD","accessed":false,"accessed_on":null}}}', 'delivered', null, null, 0, '[{"n":1,"at":2117060183200,"status":200,"error":null,"durationMs":0,"number":null}]');
INSERT INTO callback (event_id, url, own_host, body, state, next_attempt_at, due_at, jobs_sent, attempts)
VALUES ('evt_Rw23ktD5Wl5Quhyi9uxBt', 'http://receiver.invalid/message-reported', 's.example.com', '{"type":"message.delivered","timestamp":"2037-02-01T00:16:23.800Z","data":{"msgid":"0r0kaz07gb0000013r1B5l94mow4Ww1u","url":"https://s.example.com/sms/messages/0r0kaz07gb0000013r1B5l94mow4Ww1u/","sender":"SHOP","recipient":"+819010000004","status":"DELIVERED","reason":null,"sent_time":"2037-02-01 00:16:23","cost":0,"parts":1,"tags":[],"reference":null,"link_tracking":{"link":"https://example.com/a?b=1","shortlink":"https://s.example.com/dHmGfff6cg","accessed":false,"accessed_on":null}}}', 'owed', 2117060183800, 2117060183800, 0, '[]');
INSERT INTO callback (event_id, url, own_host, body, state, next_attempt_at, due_at, jobs_sent, attempts)
VALUES ('evt_cwl3QfzXk1WAwILWMnp3e', 'http://receiver.invalid/message-delivered', 's.example.com', '{"type":"message.delivered","timestamp":"2037-02-01T00:16:23.200Z","data":{"msgid":"0r0kayzz4b0000018rNAWdISx42ca5yB","url":"https://s.example.com/sms/messages/0r0kayzz4b0000018rNAWdISx42ca5yB/","sender":"SHOP","recipient":"+819010000001","status":"DELIVERED","reason":null,"sent_time":"2037-02-01 00:16:23","cost":0,"parts":1,"tags":["a","b"],"reference":"order-8","link_tracking":{"link":"https://example.com/a?b=1","shortlink":"https://s.example.com/kHf8BBwzf7","accessed":false,"accessed_on":null}}}', 'delivered', null, null, 0, '[{"n":1,"at":2117060183200,"status":200,"error":null,"durationMs":0,"number":null}]');

-- no alarm
CREATE TABLE account (
    id INTEGER PRIMARY KEY CHECK (id = 1),
    sid TEXT NOT NULL,
    name TEXT NOT NULL,
    callback_url TEXT,
    fallback_url TEXT,
    callback_secret TEXT NOT NULL,
    created_at INTEGER NOT NULL,
    closed_at INTEGER,
    revision INTEGER NOT NULL DEFAULT 1,
    version INTEGER NOT NULL DEFAULT 0,
    woken_at INTEGER,
    checked_to TEXT,
    sweep_due_at INTEGER,
    swept_to TEXT,
    support_url TEXT,
    suspended_at INTEGER,
    messages_per_day INTEGER,
    links_per_day INTEGER,
    senders TEXT,
    timezone TEXT, country TEXT, language TEXT,
    alert_url TEXT,
    pinned_views TEXT
  ) STRICT;
CREATE TABLE previous_secret (secret TEXT PRIMARY KEY, expires_at INTEGER NOT NULL) STRICT, WITHOUT ROWID;
CREATE TABLE token (
    id TEXT PRIMARY KEY, hash TEXT NOT NULL, created_at INTEGER NOT NULL, name TEXT, scopes TEXT, expires_at INTEGER, last_used_on TEXT
  ) STRICT, WITHOUT ROWID;
CREATE INDEX token_by_hash ON token (hash);
CREATE TABLE link (
    created_at INTEGER NOT NULL,
    code TEXT NOT NULL,
    destination TEXT NOT NULL,
    short_url TEXT NOT NULL,
    msgid TEXT,
    callback_url TEXT,
    tags TEXT NOT NULL,
    reference TEXT,
    expires_at INTEGER NOT NULL,
    first_accessed_at INTEGER,
    closed_at INTEGER,
    revision INTEGER NOT NULL,
    ended_reason TEXT,
    PRIMARY KEY (created_at, code)
  ) STRICT, WITHOUT ROWID;
CREATE INDEX link_by_reference ON link (reference, created_at) WHERE reference IS NOT NULL;
CREATE TABLE idempotency (
    key TEXT PRIMARY KEY,
    fingerprint TEXT NOT NULL,
    made TEXT NOT NULL,
    opened_by TEXT NOT NULL,
    created_at INTEGER NOT NULL,
    book INTEGER
  ) STRICT, WITHOUT ROWID;
CREATE INDEX idempotency_by_age ON idempotency (created_at);
CREATE TABLE tenant (
    sid TEXT PRIMARY KEY,
    name TEXT NOT NULL,
    created_at INTEGER NOT NULL,
    closed_at INTEGER
  ) STRICT, WITHOUT ROWID;
CREATE INDEX tenant_by_age ON tenant (created_at, sid);
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
CREATE TABLE usage (
    day INTEGER PRIMARY KEY,
    links INTEGER NOT NULL,
    messages INTEGER NOT NULL,
    names TEXT,
    makers TEXT
  ) STRICT;
CREATE TABLE session (
    hash TEXT PRIMARY KEY,
    id TEXT NOT NULL,
    is_link INTEGER NOT NULL,
    token_id TEXT,
    name TEXT,
    scopes TEXT,
    created_at INTEGER NOT NULL,
    expires_at INTEGER NOT NULL
  ) STRICT, WITHOUT ROWID;
CREATE TABLE act (
    at INTEGER NOT NULL,
    id TEXT NOT NULL,
    who TEXT NOT NULL,
    what TEXT NOT NULL,
    thing TEXT,
    count INTEGER NOT NULL,
    PRIMARY KEY (at, id)
  ) STRICT, WITHOUT ROWID;
CREATE TABLE book (
    number INTEGER PRIMARY KEY,
    month TEXT NOT NULL,
    from_at INTEGER NOT NULL,
    opened INTEGER NOT NULL DEFAULT 0,
    full INTEGER NOT NULL DEFAULT 0,
    archived_at INTEGER, archived_to INTEGER, emptied INTEGER NOT NULL DEFAULT 0
  ) STRICT;
INSERT INTO account (id, sid, name, callback_url, fallback_url, callback_secret, created_at, closed_at, revision, version, woken_at, checked_to, sweep_due_at, swept_to, support_url, suspended_at, messages_per_day, links_per_day, senders, timezone, country, language, alert_url, pinned_views)
VALUES (1, 'main', 'main', null, null, 'Za14VRNU.7PjqheUTBNnxp0f/L5vyr4fES/wuEPzcpHvlk6vIDelyIB91Met8we5KM63fZYcliNoZa+vHFb0Ga81mX8Clir+iZ3BL+zM4dhCJx2Wg', 2114380800000, null, 1, 13, null, null, null, null, null, null, null, null, null, null, null, null, null, null);
INSERT INTO previous_secret (secret, expires_at)
VALUES ('Za14VRNU.Kz00NewRdaY6njm2RPonYHgyB1a0NZ/lWEROQRM1h1OgtQjeCD4NWyoGbedf3sQBRQChaRrhb+iYej37IWDGb9rGLGh2C8ecu+ArmSzD', 2114467200000);
INSERT INTO tenant (sid, name, created_at, closed_at)
VALUES ('2re8ssxt82t2mchi3wkk', 'rotated', 2114380803000, null);
INSERT INTO tenant (sid, name, created_at, closed_at)
VALUES ('4b6466c0npax8dygg1ni', 'shop', 2114380802000, null);
INSERT INTO tenant (sid, name, created_at, closed_at)
VALUES ('by0ycx5w5l1axr3dhqk3', 'sender', 2114380804000, null);
INSERT INTO tenant (sid, name, created_at, closed_at)
VALUES ('lb730dqx9usruy1d1c61', 'new', 2114380801000, null);
INSERT INTO tenant (sid, name, created_at, closed_at)
VALUES ('zmi6ey3abu8nq1lno867', 'closing', 2114380805000, 2117060183000);
INSERT INTO usage (day, links, messages, names, makers)
VALUES (24472, 1, 0, '["m1dcj0Fe9didxAfprsdFK"]', '[{"kind":"admin","id":null,"name":null,"links":1,"linksAt":2114380805000,"messages":0,"messagesAt":0}]');
INSERT INTO usage (day, links, messages, names, makers)
VALUES (24503, 2, 0, '["m1dcj0Fe9didxAfprsdFK","XokIMAFVUP4QFqKMDlwlv","Jx9KWDZyj0KnHX4Gk_wOb"]', '[{"kind":"admin","id":null,"name":null,"links":2,"linksAt":2117059205000,"messages":0,"messagesAt":0}]');
INSERT INTO act (at, id, who, what, thing, count)
VALUES (2114380800000, 'No0SnqOC-vDwI1QZLSdXt', '{"kind":"admin","id":null,"name":null}', 'secret_rotated', null, 1);
INSERT INTO act (at, id, who, what, thing, count)
VALUES (2117059205000, 'rmVGXJDrLGcY6kOzXM6vR', '{"kind":"admin","id":null,"name":null}', 'link_ended', 'reopened', 1);
INSERT INTO book (number, month, from_at, opened, full, archived_at, archived_to, emptied)
VALUES (1, '2037-01', 2114380805000, 2114380805000, 0, null, null, 0);
INSERT INTO book (number, month, from_at, opened, full, archived_at, archived_to, emptied)
VALUES (2, '2037-02', 2117059205000, 2117059205000, 0, null, null, 0);

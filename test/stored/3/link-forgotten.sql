-- no alarm
CREATE TABLE past_link (
    created_at INTEGER PRIMARY KEY,
    account_sid TEXT NOT NULL,
    ended_at INTEGER NOT NULL,
    revision INTEGER NOT NULL,
    unlisting_due_at INTEGER,
    failures INTEGER NOT NULL DEFAULT 0,
    is_barred INTEGER NOT NULL DEFAULT 0
  ) STRICT;
INSERT INTO past_link (created_at, account_sid, ended_at, revision, unlisting_due_at, failures, is_barred)
VALUES (2114380805000, 'main', 2114380865000, 1, null, 0, 0);

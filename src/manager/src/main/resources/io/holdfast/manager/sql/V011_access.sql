-- Who registered the instance: the one broker that sees it. Null when nobody but its own agent did.
ALTER TABLE instance ADD COLUMN owner TEXT;
CREATE INDEX instance_by_owner ON instance (owner, instance_id);

-- Logins at the dashboard. Of a session's id only a hash is kept, and its tokens only encrypted with a key that is made of
-- the id: who reads this table can use neither.
CREATE TABLE session (
  id_hash    TEXT    PRIMARY KEY,
  role       TEXT    NOT NULL CHECK (role IN ('OPERATOR', 'DEVELOPER')),
  user_id    TEXT    NOT NULL,
  name       TEXT    NOT NULL,
  tokens     TEXT,
  created_at INTEGER NOT NULL,
  seen_at    INTEGER NOT NULL
);
CREATE INDEX session_by_age ON session (created_at);

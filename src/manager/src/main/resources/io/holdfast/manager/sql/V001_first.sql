-- Times are milliseconds since 1970 by the database's clock; truth values are 0 and 1.

CREATE TABLE instance (
  id          INTEGER PRIMARY KEY,
  instance_id TEXT    NOT NULL UNIQUE,
  service     TEXT    NOT NULL,
  excluded    INTEGER NOT NULL DEFAULT 0,
  created_at  INTEGER NOT NULL
);

CREATE TABLE agent (
  instance       INTEGER NOT NULL REFERENCES instance,
  position       INTEGER NOT NULL,
  session        TEXT    NOT NULL,
  version        TEXT    NOT NULL,
  host           TEXT    NOT NULL,
  server_version TEXT,
  tools          TEXT    NOT NULL,
  warnings       TEXT    NOT NULL,
  memory         TEXT,
  last_seen_at   INTEGER NOT NULL,
  PRIMARY KEY (instance, position)
);

CREATE TABLE key_version (
  instance   INTEGER NOT NULL REFERENCES instance,
  version    INTEGER NOT NULL,
  recipient  TEXT    NOT NULL,
  wrapped    BLOB    NOT NULL,
  stored     INTEGER NOT NULL DEFAULT 0,
  created_at INTEGER NOT NULL,
  PRIMARY KEY (instance, version)
);

CREATE TABLE job (
  id               INTEGER PRIMARY KEY,
  instance         INTEGER NOT NULL REFERENCES instance,
  kind             TEXT    NOT NULL CHECK (kind IN ('BACKUP', 'RESTORE')),
  state            TEXT    NOT NULL CHECK (state IN ('QUEUED', 'RUNNING', 'COMMITTING', 'DONE', 'FAILED', 'CANCELLED')),
  epoch            INTEGER NOT NULL DEFAULT 0,
  position         INTEGER,
  session          TEXT,
  lease_until      INTEGER,
  not_before       INTEGER NOT NULL,
  cancel_requested INTEGER NOT NULL DEFAULT 0,
  keys_given       INTEGER NOT NULL DEFAULT 0,
  phase            TEXT,
  detail           TEXT,
  bytes_in         INTEGER NOT NULL DEFAULT 0,
  bytes_out        INTEGER NOT NULL DEFAULT 0,
  estimated_bytes  INTEGER,
  created_at       INTEGER NOT NULL,
  started_at       INTEGER,
  finished_at      INTEGER,
  code             TEXT,
  message          TEXT,
  hint             TEXT
);

-- At most one changing job per instance, whatever any program does.
CREATE UNIQUE INDEX job_one_active ON job (instance) WHERE state IN ('RUNNING', 'COMMITTING');
CREATE INDEX job_by_state ON job (state, lease_until);
CREATE INDEX job_by_instance ON job (instance, state);

CREATE TABLE attempt (
  job        INTEGER NOT NULL REFERENCES job,
  epoch      INTEGER NOT NULL,
  position   INTEGER NOT NULL,
  started_at INTEGER NOT NULL,
  ended_at   INTEGER,
  outcome    TEXT,
  message    TEXT,
  PRIMARY KEY (job, epoch)
);

CREATE TABLE backup (
  id                   INTEGER PRIMARY KEY,
  backup_id            TEXT    NOT NULL UNIQUE,
  instance             INTEGER NOT NULL REFERENCES instance,
  job                  INTEGER NOT NULL UNIQUE REFERENCES job,
  state                TEXT    NOT NULL CHECK (state IN
                         ('PENDING', 'UPLOADED', 'DONE', 'VERIFIED', 'SUSPECT', 'FAILED', 'DELETING', 'DELETED')),
  key_version          INTEGER,
  engine_version       TEXT,
  size                 INTEGER,
  sequence             INTEGER UNIQUE,
  result               TEXT,
  manifest             TEXT,
  finished_at          INTEGER,
  verification         TEXT    NOT NULL DEFAULT 'NONE' CHECK (verification IN
                         ('NONE', 'QUEUED', 'RUNNING', 'PASSED', 'FAILED')),
  verification_message TEXT,
  verified_at          INTEGER,
  clean                INTEGER NOT NULL DEFAULT 0
);
CREATE INDEX backup_by_instance ON backup (instance, id);
CREATE INDEX backup_by_state ON backup (state);

CREATE TABLE restore (
  id        INTEGER PRIMARY KEY,
  instance  INTEGER NOT NULL REFERENCES instance,
  backup    INTEGER NOT NULL REFERENCES backup,
  job       INTEGER NOT NULL UNIQUE REFERENCES job,
  live_data TEXT,
  result    TEXT
);
CREATE INDEX restore_by_instance ON restore (instance, id);
CREATE INDEX restore_by_backup ON restore (backup);

CREATE TABLE upload (
  id         INTEGER PRIMARY KEY,
  job        INTEGER NOT NULL REFERENCES job,
  epoch      INTEGER NOT NULL,
  artifact   TEXT    NOT NULL,
  segment    INTEGER NOT NULL,
  object_key TEXT    NOT NULL,
  upload_id  TEXT    NOT NULL,
  state      TEXT    NOT NULL CHECK (state IN ('OPEN', 'COMPLETED', 'ABORTED')),
  created_at INTEGER NOT NULL,
  UNIQUE (job, epoch, artifact, segment)
);
CREATE INDEX upload_by_state ON upload (state);

CREATE TABLE part (
  upload INTEGER NOT NULL REFERENCES upload,
  number INTEGER NOT NULL,
  size   INTEGER NOT NULL,
  md5    TEXT    NOT NULL,
  PRIMARY KEY (upload, number)
) WITHOUT ROWID;

CREATE TABLE answer (
  caller     TEXT    NOT NULL,
  key        TEXT    NOT NULL,
  request    TEXT    NOT NULL,
  status     INTEGER NOT NULL,
  body       TEXT    NOT NULL,
  created_at INTEGER NOT NULL,
  PRIMARY KEY (caller, key)
);

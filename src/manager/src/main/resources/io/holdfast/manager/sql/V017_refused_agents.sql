-- When somebody asked to cancel a job that runs: an agent that does not obey loses it some time after that.
ALTER TABLE job ADD COLUMN cancel_requested_at INTEGER;

-- The certificate with which an agent has said hello, in lower-case hexadecimal; null: before there were these columns.
ALTER TABLE agent ADD COLUMN certificate_serial TEXT;
ALTER TABLE agent ADD COLUMN certificate_sha256 TEXT;

-- Whom operators do not let in any more, whatever certificate is shown: an instance's agents, or a certificate by its
-- serial number or by the SHA-256 of its bytes.
CREATE TABLE refused_agent (
  kind       TEXT    NOT NULL CHECK (kind IN ('instance', 'serial', 'fingerprint')),
  value      TEXT    NOT NULL,
  reason     TEXT    NOT NULL,
  refused_by TEXT    NOT NULL,
  refused_at INTEGER NOT NULL,
  PRIMARY KEY (kind, value)
);

-- How many jobs have ended how: counted as they end, so that asking stays cheap and the counts never go down.

CREATE TABLE job_end (
  kind   TEXT    NOT NULL,
  result TEXT    NOT NULL,
  reason TEXT    NOT NULL,
  count  INTEGER NOT NULL,
  PRIMARY KEY (kind, result, reason)
);

INSERT INTO job_end (kind, result, reason, count)
SELECT kind, state, coalesce(code, ''), count(*) FROM job
WHERE state IN ('DONE', 'FAILED', 'CANCELLED') GROUP BY kind, state, coalesce(code, '');

-- A database in another encoding, with long text rows: :rows, always the same.
\set ON_ERROR_STOP on
\encoding UTF8
SET synchronous_commit = off;
SELECT setseed(0.75) \g /dev/null

CREATE TABLE "Größen" (id int, "Übersicht" text, digest bytea, old boolean);
INSERT INTO "Größen"
SELECT
  i,
  repeat('Größe ' || (random() * 99)::int || ', ', 4) || md5(random()::text) || repeat(' weiß', 1 + i % 9),
  decode(md5(random()::text), 'hex'),
  CASE WHEN i % 3 = 0 THEN NULL ELSE i % 2 = 0 END
FROM generate_series(1, :rows) AS i;
ALTER TABLE "Größen" ADD PRIMARY KEY (id);
CREATE SEQUENCE never_used;
SELECT lo_from_bytea(0, 'a large object with a number that the server chose') \g /dev/null
ANALYZE;

-- Rows of one partition, always the same for the same seed: :partition, :year, :rows, :seed.
\set ON_ERROR_STOP on
SET synchronous_commit = off;
SELECT setseed(:seed) \g /dev/null

WITH words AS (
  SELECT ARRAY['amber', 'basket', 'copper', 'door', 'elder', 'fabric', 'garden', 'hammer', 'iron', 'jacket', 'kettle',
    'ladder', 'mirror', 'needle', 'orange', 'pillow', 'quiver', 'ribbon', 'saddle', 'table', 'umbrella', 'velvet',
    'window', 'yarn', 'zither', 'blue', 'green', 'small', 'large', 'round', 'heavy', 'light'] AS w)
INSERT INTO :"partition"
SELECT
  i + :year * 100000000::bigint,
  make_timestamptz(:year, 1, 1, 0, 0, 0, 'UTC') + (i - random()) * 31000000 / :rows * interval '1 second',
  100 + (random() * 9999)::int,
  (enum_range(NULL::status))[1 + (i % 5)],
  (random() * 100000)::int / 100.0,
  w[1 + (random() * 31)::int] || ' ' || w[1 + (random() * 31)::int],
  CASE WHEN i % 50 = 0 THEN NULL
    ELSE 'deliver to the ' || w[1 + (random() * 31)::int] || ' ' || w[1 + (random() * 31)::int] || ', reference '
      || md5(random()::text) || ', code ' || substr(md5(random()::text), 1, 16) || ', packed with ' || w[1 + (random() * 31)::int]
      || CASE WHEN i % 1000 = 1 THEN E'\n\ttwo lines, a \\ and an 🦉' ELSE '' END
  END
FROM words, generate_series(1, :rows) AS i;

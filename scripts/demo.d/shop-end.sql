-- What comes after the rows: keys, indexes, views, rights, large objects, sequences that were used.
\set ON_ERROR_STOP on
SELECT setseed(0.25) \g /dev/null

INSERT INTO customers (name, home, tags, letters, scores, photo, since, region)
SELECT
  'Customer ' || i || CASE i % 7 WHEN 0 THEN ' "the" O''Hara' WHEN 1 THEN ' Größe 🦉' ELSE '' END,
  CASE WHEN i % 3 = 0 THEN NULL ELSE ROW('Street ' || i, 'Town, with "comma"')::place END,
  hstore('level', (i % 9)::text) || hstore('empty', NULL),
  jsonb_build_object('n', i, 'list', jsonb_build_array(1, NULL, 'x'), 'text', 'a\b"c'),
  CASE WHEN i % 5 = 0 THEN NULL ELSE ARRAY[i, NULL, -i] END,
  decode(md5(i::text), 'hex'),
  date '2020-02-29' + i % 1000,
  CASE WHEN i % 2 = 0 THEN 'north' ELSE 'south' END
FROM generate_series(1, 10100) AS i;

INSERT INTO "with space"."Table with ""quotes"", 'more' and 🦉" ("-dash", "select", numbers)
VALUES ('\N', E'line one\nline two', 'Infinity'), (NULL, '', '1e-300'), ('-- no comment', E'\\.', 'NaN'), (E'\t', '🦉', 0);
INSERT INTO "-schema 🦉"."-t" VALUES (1, 2), (2, 1), (3, NULL);
INSERT INTO scratch VALUES ('gone after a crash, but not now');
SELECT nextval('"with space"."odd numbers"') FROM generate_series(1, 17) \g /dev/null

ALTER TABLE customers ADD PRIMARY KEY (id);
ALTER TABLE orders ADD PRIMARY KEY (id, placed_at);
ALTER TABLE orders ADD FOREIGN KEY (customer) REFERENCES customers (id);
CREATE INDEX orders_recent ON orders_rest (placed_at DESC) WHERE status = 'new';
CREATE INDEX customers_fuzzy ON customers USING gin (searchable gin_trgm_ops);
CREATE UNIQUE INDEX ON customers ((letters ->> 'n'), region) INCLUDE (name);
CREATE STATISTICS customers_together ON name, region FROM customers;
CLUSTER customers USING customers_pkey;

CREATE FUNCTION stamp() RETURNS trigger LANGUAGE plpgsql AS $fn$
BEGIN
  NEW.letters := NEW.letters || '{"stamped": true}';
  RETURN NEW;
END $fn$;
CREATE TRIGGER stamp BEFORE INSERT ON customers FOR EACH ROW WHEN (NEW.region = 'north') EXECUTE FUNCTION stamp();

CREATE VIEW north WITH (security_barrier) AS SELECT id, name FROM customers WHERE region = 'north' WITH CHECK OPTION;
CREATE MATERIALIZED VIEW by_status AS SELECT status, count(*), sum(total) FROM orders GROUP BY status;
CREATE UNIQUE INDEX ON by_status (status);
CREATE MATERIALIZED VIEW not_yet AS SELECT * FROM by_status WITH NO DATA;
CREATE RULE no_rest AS ON DELETE TO orders_rest DO INSTEAD NOTHING;
CREATE PUBLICATION changes FOR TABLE customers;

ALTER TABLE customers ENABLE ROW LEVEL SECURITY;
ALTER TABLE customers FORCE ROW LEVEL SECURITY;
CREATE POLICY "own region" ON customers AS PERMISSIVE FOR SELECT TO readers USING (region = 'north');
CREATE POLICY "no dashes" ON customers AS RESTRICTIVE TO "-dash role" USING (name NOT LIKE '-%');

ALTER TABLE orders OWNER TO shop_owner;
ALTER VIEW north OWNER TO "Ana María";
GRANT USAGE ON SCHEMA "with space" TO readers;
GRANT SELECT ON ALL TABLES IN SCHEMA public TO readers;
GRANT INSERT, UPDATE (note) ON orders TO writers WITH GRANT OPTION;
GRANT SELECT (name), REFERENCES (id) ON customers TO "quo""te 'and' back\slash";
GRANT USAGE ON SEQUENCE "with space"."odd numbers" TO "owl 🦉";
REVOKE EXECUTE ON FUNCTION euros(bigint) FROM PUBLIC;
ALTER DEFAULT PRIVILEGES FOR ROLE shop_owner IN SCHEMA public GRANT SELECT ON TABLES TO readers;

SELECT lo_from_bytea(7001, 'a small one') \g /dev/null
SELECT lo_from_bytea(7002, '') \g /dev/null
SELECT lo_from_bytea(7003, decode(string_agg(md5(i::text), ''), 'hex')) FROM generate_series(1, 200000) AS i \g /dev/null
ALTER LARGE OBJECT 7001 OWNER TO "Ana María";
GRANT SELECT ON LARGE OBJECT 7003 TO readers;
COMMENT ON LARGE OBJECT 7002 IS 'nothing in it';
ANALYZE;

-- A bad day in the main database.
\set ON_ERROR_STOP on
DROP TABLE orders_2022;
DELETE FROM orders_2023 WHERE id % 3 = 0;
UPDATE orders_2024 SET note = 'overwritten' WHERE id % 1000 = 0;
TRUNCATE "with space"."Table with ""quotes"", 'more' and 🦉";
UPDATE customers SET region = 'west' WHERE id % 10 = 0;
ALTER TABLE customers DROP COLUMN photo;
DROP EXTENSION pg_trgm CASCADE;
DROP MATERIALIZED VIEW by_status CASCADE;
DROP VIEW north;
DROP POLICY "own region" ON customers;
DROP POLICY "no dashes" ON customers;
DROP TRIGGER stamp ON customers;
DROP PUBLICATION changes;
REVOKE ALL ON ALL TABLES IN SCHEMA public FROM readers;
ALTER TABLE orders OWNER TO postgres;
CREATE OR REPLACE FUNCTION euros(cents bigint) RETURNS text LANGUAGE sql IMMUTABLE AS $fn$ SELECT 'free' $fn$;
COMMENT ON FUNCTION euros(bigint) IS NULL;
SELECT setval('"with space"."odd numbers"', 5555, false) \g /dev/null
SELECT lo_unlink(7001) \g /dev/null
SELECT lo_put(7003, 1000, 'scribble') \g /dev/null
CREATE TABLE uninvited AS SELECT 'was not there' AS text;

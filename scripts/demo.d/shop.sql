-- The schema of the main database; shop-rows.sql and shop-end.sql follow. Little of everything that is hard to dump.
\set ON_ERROR_STOP on

CREATE EXTENSION pg_trgm;
CREATE EXTENSION hstore;
COMMENT ON EXTENSION hstore IS 'for "tags"';

CREATE SCHEMA "with space" AUTHORIZATION shop_owner;
CREATE SCHEMA "-schema 🦉";

CREATE TYPE status AS ENUM ('new', 'paid', 'sent', 'sent back', 'it''s lost');
CREATE DOMAIN price AS numeric(10, 2) CHECK (VALUE >= 0);
CREATE TYPE place AS (street text, town text);
CREATE SEQUENCE "with space"."odd numbers" START 1001 INCREMENT 2 MAXVALUE 9999999 CYCLE;

CREATE FUNCTION euros(cents bigint) RETURNS text LANGUAGE sql IMMUTABLE
  AS $fn$ SELECT 'EUR ' || (cents / 100)::text $fn$;
COMMENT ON FUNCTION euros(bigint) IS 'a $dollar$ and a ''quote''';

CREATE TABLE customers (
  id int GENERATED ALWAYS AS IDENTITY (START 100),
  name text NOT NULL,
  home place,
  tags hstore,
  letters jsonb NOT NULL DEFAULT '{}',
  scores int[],
  photo bytea,
  since date NOT NULL DEFAULT '2020-02-29',
  searchable text GENERATED ALWAYS AS (lower(name)) STORED,
  region text NOT NULL
);
COMMENT ON COLUMN customers.home IS E'tab\there, backslash \\ there';

CREATE TABLE orders (
  id bigint NOT NULL,
  placed_at timestamptz NOT NULL,
  customer int NOT NULL,
  status status NOT NULL,
  total price NOT NULL,
  item text NOT NULL,
  note text
) PARTITION BY RANGE (placed_at);
CREATE TABLE orders_2022 PARTITION OF orders FOR VALUES FROM ('2022-01-01Z') TO ('2023-01-01Z');
CREATE TABLE orders_2023 PARTITION OF orders FOR VALUES FROM ('2023-01-01Z') TO ('2024-01-01Z');
CREATE TABLE orders_2024 PARTITION OF orders FOR VALUES FROM ('2024-01-01Z') TO ('2025-01-01Z');
CREATE TABLE orders_rest PARTITION OF orders DEFAULT;

CREATE TABLE "with space"."Table with ""quotes"", 'more' and 🦉" (
  "column one" serial,
  "-dash" text,
  "select" text COLLATE "C",
  numbers numeric DEFAULT 'NaN',
  "very long name that is cut off by the server at sixty-three bytes or so" interval
);

CREATE TABLE "-schema 🦉"."-t" (id int PRIMARY KEY, parent int REFERENCES "-schema 🦉"."-t" DEFERRABLE INITIALLY DEFERRED);
CREATE UNLOGGED TABLE scratch (line text);
CREATE TABLE empty (LIKE customers INCLUDING ALL EXCLUDING IDENTITY);

-- Roles with all that a role can have. Runs in the database postgres; :password comes from the demo.
\set ON_ERROR_STOP on

CREATE ROLE readers NOLOGIN;
CREATE ROLE writers NOLOGIN IN ROLE readers;
CREATE ROLE shop_owner LOGIN PASSWORD :'password' CREATEDB;
CREATE ROLE "Ana María" LOGIN PASSWORD :'password' CONNECTION LIMIT 7 VALID UNTIL '2099-12-31 23:59:59+00';
CREATE ROLE "-dash role" LOGIN NOINHERIT;
CREATE ROLE "quo""te 'and' back\slash" LOGIN;
CREATE ROLE "owl 🦉" LOGIN REPLICATION;

GRANT readers TO "Ana María";
GRANT writers TO "-dash role" WITH ADMIN OPTION;
GRANT shop_owner TO "owl 🦉";

ALTER ROLE shop_owner SET work_mem = '7MB';
ALTER ROLE "Ana María" SET search_path = '$user', 'with space', public;
ALTER ROLE "Ana María" SET application_name = 'it''s "Ana" \ 🦉';

COMMENT ON ROLE readers IS 'may look, not touch; it''s a "group"';
COMMENT ON ROLE "owl 🦉" IS E'two\nlines';

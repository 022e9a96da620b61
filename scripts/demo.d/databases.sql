-- Databases with names and properties that scripts trip over. Runs in the database postgres.
\set ON_ERROR_STOP on

CREATE DATABASE shop OWNER shop_owner;
CREATE DATABASE archive TEMPLATE template0 ENCODING 'LATIN1' LOCALE 'C' CONNECTION LIMIT 50;
CREATE DATABASE "My ""quoted"" shop" OWNER "Ana María";
CREATE DATABASE "-rf" OWNER "-dash role";
CREATE DATABASE "it's = a \ test";
CREATE DATABASE "owl 🦉 nest";
CREATE DATABASE blueprint IS_TEMPLATE true;
CREATE DATABASE "empty one";

COMMENT ON DATABASE shop IS 'it''s the "main" one 🦉';
ALTER DATABASE shop SET statement_timeout = '1h';
ALTER DATABASE shop SET search_path = 'public', 'with space';
ALTER ROLE shop_owner IN DATABASE shop SET work_mem = '9MB';
REVOKE CONNECT ON DATABASE shop FROM PUBLIC;
GRANT CONNECT ON DATABASE shop TO readers;
GRANT CREATE, TEMPORARY ON DATABASE archive TO "quo""te 'and' back\slash" WITH GRANT OPTION;

-- A bad day for roles and databases. Runs in the database postgres.
\set ON_ERROR_STOP on
DROP DATABASE "-rf";
DROP DATABASE "it's = a \ test";
DROP ROLE "-dash role";
ALTER ROLE "Ana María" PASSWORD 'stolen' CONNECTION LIMIT 1 VALID UNTIL '2001-01-01';
ALTER ROLE "Ana María" RESET search_path;
ALTER ROLE shop_owner NOCREATEDB;
ALTER ROLE shop_owner SET work_mem = '1MB';
REVOKE readers FROM "Ana María";
COMMENT ON ROLE readers IS NULL;
ALTER DATABASE shop OWNER TO postgres;
ALTER DATABASE shop RESET statement_timeout;
ALTER ROLE shop_owner IN DATABASE shop RESET work_mem;
GRANT CONNECT ON DATABASE shop TO PUBLIC;
COMMENT ON DATABASE shop IS 'spoiled';
ALTER DATABASE archive CONNECTION LIMIT -1;
ALTER DATABASE blueprint IS_TEMPLATE false;

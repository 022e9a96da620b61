-- What each of the smaller databases has: :kind is its name.
\set ON_ERROR_STOP on
CREATE TABLE note (id serial PRIMARY KEY, text text NOT NULL);
INSERT INTO note (text) SELECT :'kind' || ' ' || i FROM generate_series(1, 100) AS i;
COMMENT ON TABLE note IS :'kind';
GRANT SELECT ON note TO readers;

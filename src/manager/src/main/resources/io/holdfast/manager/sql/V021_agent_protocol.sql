-- Which protocol is spoken with an agent, and what it can do as it says, in JSON. Null: it has not said.
ALTER TABLE agent ADD COLUMN protocol INTEGER NOT NULL DEFAULT 1;
ALTER TABLE agent ADD COLUMN capabilities TEXT;

-- What part the agent's node plays among its instance's nodes, as it last said; NULL when it has none or cannot tell.
ALTER TABLE agent ADD COLUMN role TEXT;

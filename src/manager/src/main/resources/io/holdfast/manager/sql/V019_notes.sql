-- What people should know of a finished backup, as its manifest has it: a JSON array of sentences. Null: nothing.
ALTER TABLE backup ADD COLUMN noted TEXT;

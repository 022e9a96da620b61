-- An instance that was deleted keeps its row: its number and its keys are never given to another one.

ALTER TABLE instance ADD COLUMN deleted_at INTEGER;

-- To what the last attempt at a backup has encrypted, and from which attempt on later ones may use what was brought: those
-- before it encrypted to something else, or something was wrong with what they have brought.
ALTER TABLE backup ADD COLUMN encrypted_to TEXT;
ALTER TABLE backup ADD COLUMN reuse_from INTEGER NOT NULL DEFAULT 1;

-- Of what an earlier attempt of the same job has brought, and nobody has proven yet.
ALTER TABLE borrowed ADD COLUMN md5 TEXT;

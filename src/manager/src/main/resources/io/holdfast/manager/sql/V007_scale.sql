-- What is asked again and again must not depend on how many backups there are.

-- When an instance's newest good backup was made, and when one was last read back.
CREATE INDEX backup_good ON backup (instance, finished_at) WHERE state IN ('DONE', 'VERIFIED');
CREATE INDEX backup_read_back ON backup (instance, verified_at) WHERE state = 'VERIFIED';

-- What waits to be read back, and what is being read back.
CREATE INDEX backup_to_read_back ON backup (verification, id)
  WHERE state IN ('DONE', 'VERIFIED', 'SUSPECT') AND verification IN ('NONE', 'QUEUED', 'RUNNING');

-- Failed ones whose leftovers are not gone, and how many were deleted for what.
CREATE INDEX backup_with_leftovers ON backup (state, clean, id) WHERE state = 'FAILED' AND clean = 0;
CREATE INDEX backup_deleted ON backup (state, deleted_by) WHERE state = 'DELETED';

CREATE INDEX instance_not_scheduled ON instance (id) WHERE scheduled_from IS NULL AND deleted_at IS NULL;
CREATE INDEX slot_by_time ON slot (slot_at);
CREATE INDEX answer_by_time ON answer (created_at);

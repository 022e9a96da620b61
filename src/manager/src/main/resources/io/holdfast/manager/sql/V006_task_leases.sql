-- Which manager does a piece of background work, and until when it is taken to be alive.
CREATE TABLE task_lease (
  task        TEXT    PRIMARY KEY,
  owner       TEXT    NOT NULL,
  lease_until INTEGER NOT NULL
);

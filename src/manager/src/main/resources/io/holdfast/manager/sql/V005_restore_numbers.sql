-- From where restores are numbered. Their numbers name what an agent keeps of replaced data, so a catalogue that was made
-- anew must not give one again that an earlier one has given.

CREATE TABLE restore_number (
  least INTEGER NOT NULL
);

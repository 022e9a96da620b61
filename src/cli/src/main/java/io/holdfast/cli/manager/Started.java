package io.holdfast.cli.manager;

/** The answer to what starts a job: the backup's or restore's number. */
public record Started(long id) {}

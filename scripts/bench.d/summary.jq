# From one line per run: what belongs together, with medians and ratios. $stored, $bytes, $tree_kb, $machine are given.
def median: sort | if length % 2 == 1 then .[length / 2 | floor] else (.[length / 2 - 1] + .[length / 2]) / 2 end;
# How many times as much of $what the competitor took, round by round.
def ratio($own; $other; $what): [$own, $other] | transpose | map(.[0][$what] / .[1][$what]) | median;
def rounds($name): map(select(.name == $name and .round > 0)) | sort_by(.round);

# Name, what it is, whom of Holdfast's it is compared with, and the goal for that ratio.
[
  ["pipeline", "Holdfast's pipeline, to /dev/null", null, null],
  ["zstd_age", "zstd -3 -T2 | age, to /dev/null", "pipeline", 1.1],
  ["zstd", "zstd -3 -T2, to /dev/null", "pipeline", 0.8],
  ["gzip_openssl", "gzip | openssl enc -aes-256-cbc, to /dev/null", "pipeline", 5],
  ["pipeline_1", "Holdfast's pipeline at level 1, to /dev/null", "pipeline", null],
  ["agent", "Holdfast's agent, to S3", null, null],
  ["agent_again", "the same once more, nothing has changed", null, null],
  ["agent_more", "the same once more, 1 % of rows appended", null, null],
  ["rclone", "zstd -3 -T2 | age | rclone rcat", "agent", 1.4],
  ["aws", "zstd -3 -T2 | age | aws s3 cp -", "agent", 1.4],
  ["restic", "restic backup --stdin", "agent", 2],
  ["restic_again", "restic once more, nothing has changed", "agent_again", 2],
  ["restic_more", "restic once more, 1 % of rows appended", "agent_more", 2],
  ["agent_back", "Holdfast's agent, restore from S3", null, null],
  ["rclone_back", "rclone cat | age -d | zstd -d", "agent_back", null],
  ["pipeline_back", "Holdfast's reader, from a file", null, null],
  ["age_back", "age -d FILE | zstd -d", "pipeline_back", null]
] as $rows
| . as $runs
| {
    machine: $machine,
    input_bytes: $bytes,
    agent_with_children_peak_kb: $tree_kb,
    results: [
      $rows[]
      | . as [$name, $title, $against, $goal]
      | ($runs | rounds($name)) as $own
      | select($own | length > 0)
      | ($own | map(.seconds) | median) as $seconds
      | {
          name: $name,
          title: $title,
          seconds: $seconds,
          fastest_seconds: ($own | map(.seconds) | min),
          slowest_seconds: ($own | map(.seconds) | max),
          first_seconds: ($runs | map(select(.name == $name and .round == 0)) | .[0].seconds),
          mb_per_second: ($bytes / 1e6 / $seconds),
          cpu_seconds: ($own | map(.cpu_seconds) | median),
          peak_kb: ($own | map(.peak_kb) | max),
          stored_bytes: $stored[0][$name],
          against: $against,
          ratio: (if $against then ratio($own; $runs | rounds($against); "seconds") else null end),
          cpu_ratio: (if $against then ratio($own; $runs | rounds($against); "cpu_seconds") else null end),
          goal: $goal
        }
    ],
    runs: $runs
  }

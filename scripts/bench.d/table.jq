# The summary as a table with columns that are separated by |.
def digits($n): if . == null then "" else (. * pow(10; $n) | round / pow(10; $n) | tostring) end;
"what|median|from–to|first|MB/s|CPU|peak memory|stored|Holdfast is|goal|by CPU",
(.results[]
  | "\(.title | gsub("\\|"; "¦"))|\(.seconds | digits(2)) s|\(.fastest_seconds | digits(1))–\(.slowest_seconds | digits(1))"
    + "|\(.first_seconds | digits(1)) s|\(.mb_per_second | round)|\(.cpu_seconds | digits(1)) s"
    + "|\(.peak_kb / 1024 | round) MiB|\(if .stored_bytes then "\(.stored_bytes / 1e6 | digits(1)) MB" else "" end)"
    + "|\(if .ratio then "\(.ratio | digits(2)) ×" else "" end)|\(if .goal then "\(.goal) ×" else "" end)"
    + "|\(if .cpu_ratio then "\(.cpu_ratio | digits(2)) ×" else "" end)"),
"Holdfast's agent with the programs that it runs||||||\(.agent_with_children_peak_kb / 1024 | round) MiB|||128 MB|"

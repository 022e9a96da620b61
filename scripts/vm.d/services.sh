#!/usr/bin/env bash
# What stands beside the VM: an S3 server and a PostgreSQL. Sourced by scripts/vm.d/inside.
# shellcheck disable=SC2154 # its variables come from there

jdk=$("$root/scripts/lib/find-jdk")

# start_s3: S3Proxy over TLS, with a certificate of a CA that was made for this run.
start_s3() {
  local testbed=$root/src/testbed/target
  "$jdk/bin/java" -Xmx256m -XX:TieredStopAtLevel=1 -XX:+UseSerialGC -cp "$testbed/*:$testbed/lib/*" io.holdfast.testbed.S3ProxyServer \
    "$work/s3" "$work/s3-certs" "$work/s3.ready" >"$log/s3.log" 2>&1 &
  wait_until 60 "the S3 server's start" test -s "$work/s3.ready"
}

s3() { # endpoint, bucket, region, access_key, secret_key or ca_file
  sed -n "s/^$1=//p" "$work/s3.ready"
}

# list_garbage: writes the folders of segments that no manifest uses to $work/garbage, one a line: those of attempts that
# run, too.
list_garbage() {
  local folder root id attempt
  find "$work/s3" -path '*/instances/*/segments/*.zst.age' -printf '%h %f\n' | sed 's/-[0-9]*\.zst\.age$//' | sort -u |
    while read -r folder attempt; do
      root=${folder%/segments/*} id=${folder##*/}
      jq -e --arg id "$id" --argjson attempt "$((10#$attempt))" \
        '.manifest.segments.brought | any(.backup_id == $id and .attempt == $attempt)' \
        "$root/backups/$id/manifest.json" >/dev/null 2>&1 || echo "$folder/$attempt"
    done >"$work/garbage"
}

# start_postgresql PASSWORD: as the manifest describes it, with the superuser backup and its programs where a release of
# PostgreSQL has them.
start_postgresql() {
  local bin data=$work/postgresql as=(setpriv --reuid=postgres --regid=postgres --init-groups)
  bin=$(compgen -G '/usr/lib/postgresql/*/bin/initdb' | sort -V | tail -n 1)
  bin=${bin%/initdb}
  ln -s "${bin%/bin}" "$vcap/packages/postgres-$(basename "${bin%/bin}")"
  PATH=$bin:$PATH
  install -d -m 700 -o postgres -g postgres "$data"
  printf '%s\n' "$1" >"$work/password"
  chown postgres: "$work/password"
  (cd / && "${as[@]}" initdb -D "$data" -U backup --pwfile="$work/password" --auth=scram-sha-256 -E UTF8 --locale=C.UTF-8) \
    >"$log/initdb.log" 2>&1
  rm "$work/password"
  (cd / && exec "${as[@]}" "$bin/postgres" -D "$data" -c listen_addresses=127.0.0.1 -c unix_socket_directories= \
    -c fsync=off -c wal_level=minimal -c max_wal_senders=0 -c max_wal_size=4GB) >"$log/postgresql.log" 2>&1 &
  export PGHOST=127.0.0.1 PGUSER=backup PGDATABASE=postgres PGPASSFILE=$work/pgpass
  (umask 077 && printf '127.0.0.1:*:*:backup:%s\n' "$1" >"$PGPASSFILE")
  wait_until 60 "PostgreSQL's start" psql -X -c 'SELECT 1'
}

sql() {
  PGDATABASE=shop psql -X -q -At -v ON_ERROR_STOP=1 -c "$1"
}

# make_data MB: rows of random bytes, which do not get smaller.
make_data() {
  psql -X -q -c 'CREATE DATABASE shop'
  sql 'CREATE EXTENSION pgcrypto'
  sql "CREATE TABLE orders AS SELECT i AS id, gen_random_bytes(1000) AS content FROM generate_series(1, $1 * 1000) AS i"
  sql 'ALTER TABLE orders ADD PRIMARY KEY (id)'
  sql CHECKPOINT
}

checksum() {
  sql "SELECT count(*), sum(hashtextextended(content::text, id)) FROM orders"
}

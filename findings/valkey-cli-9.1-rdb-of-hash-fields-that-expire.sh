#!/usr/bin/env bash
# Valkey 9.1.2, of Debian sid: valkey-cli --rdb cannot fetch a dump of a server of its own version once one field of one hash
# has an expiry.
#
# Seen on 30 November 2026: the client ends with 1 and says "Error reading bulk length while SYNCing"; the server's log says
# "Can't store key (db 0) in RDB version 11" and "SYNC failed. BGSAVE child returned an error". A replica that does not tell its
# version (REPLCONF version), and the client does not, gets the RDB version of Redis 7, in which such fields have no place.
# Without the expiry the same command ends with 0. The server's own SAVE takes the data all the same.
#
# Ends with 0 when it is still so. As root on Debian, with debootstrap; about a minute, and 300 MB in a temporary folder, which
# is removed.
set -euo pipefail

version=9.1.2-1
work=$(mktemp -d)
server=
clean() {
  [ -z "$server" ] || { kill "$server" && wait "$server"; } 2>/dev/null || true
  rm -rf --one-file-system "$work"
}
trap clean EXIT

debootstrap --variant=minbase --include=valkey-server,valkey-tools sid "$work/root" >"$work/log" 2>&1 ||
  { tail -5 "$work/log" >&2 && exit 1; }
for package in valkey-server valkey-tools; do
  has=$(chroot "$work/root" dpkg-query -W "$package" | cut -f 2)
  [ "$has" = "$version" ] || { echo "the archive has $package $has now, not $version" >&2 && exit 1; }
done
chroot "$work/root" valkey-server --port 0 --unixsocket /tmp/valkey --save '' --dir /tmp --repl-diskless-sync-delay 0 \
  >"$work/server" 2>&1 &
server=$!
valkey() { chroot "$work/root" valkey-cli -s /tmp/valkey "$@"; }
for _ in $(seq 50); do
  [ ! -S "$work/root/tmp/valkey" ] || break
  sleep 0.1
done
dump() {
  timeout 30 chroot "$work/root" valkey-cli -s /tmp/valkey --rdb /tmp/fetched.rdb >"$work/client" 2>&1 && echo 0 || echo $?
}

valkey hset h field value >/dev/null
without=$(dump)
[ "$(valkey hexpire h 1000 fields 1 field)" = 1 ]
with=$(dump)
cat "$work/client"
grep -E "Can't store key|SYNC failed" "$work/server"
saved=$(valkey save)
echo "valkey-cli --rdb ended with $without without the expiry, with $with with it; SAVE: $saved"
if ! { [ "$without" = 0 ] && [ "$with" = 1 ] && [ "$saved" = OK ] &&
  grep -q 'Error reading bulk length while SYNCing' "$work/client" &&
  grep -q "Can't store key (db 0) in RDB version 11" "$work/server"; }; then
  echo "it is not so any more" >&2
  exit 1
fi

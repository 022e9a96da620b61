#!/usr/bin/env bash
# Redis 8.0.2, of Debian trixie: INFO of a server without any key gives a number below zero as one without a sign.
#
# Seen on 30 November 2026: used_memory 709160, used_memory_overhead 737288, used_memory_dataset 18446744073709523488,
# used_memory_dataset_perc 47749908798636032.00%. Whoever reads used_memory_dataset as a signed number of 64 bits fails, or
# takes an empty server for one of 16 exabytes. It is so from the start, however often INFO is asked, until the first command
# of another kind. Valkey 8.1.1 has none of it.
#
# Ends with 0 when it is still so. As root on Debian, with debootstrap; about a minute, and 300 MB in a temporary folder, which
# is removed.
set -euo pipefail

version=5:8.0.2-3+deb13u3
work=$(mktemp -d)
server=
clean() {
  [ -z "$server" ] || { kill "$server" && wait "$server"; } 2>/dev/null || true
  rm -rf --one-file-system "$work"
}
trap clean EXIT

debootstrap --variant=minbase --include=redis-server trixie "$work/root" >"$work/log" 2>&1 || { tail -5 "$work/log" >&2 && exit 1; }
has=$(chroot "$work/root" dpkg-query -W redis-server | cut -f 2)
[ "$has" = "$version" ] || { echo "the archive has redis-server $has now, not $version" >&2 && exit 1; }
chroot "$work/root" redis-server --port 0 --unixsocket /tmp/redis --save '' --dir /tmp >"$work/server" 2>&1 &
server=$!
redis() { chroot "$work/root" redis-cli -s /tmp/redis "$@"; }
for _ in $(seq 50); do
  [ ! -S "$work/root/tmp/redis" ] || break
  sleep 0.1
done
dataset() { redis info memory | tr -d '\r' | sed -n 's/^used_memory_dataset:\([0-9]*\)$/\1/p'; }

empty=$(dataset)
redis info memory | grep -E '^used_memory(|_overhead|_dataset|_dataset_perc):'
again=$(dataset)
[ "$(redis dbsize)" = 0 ]
later=$(dataset)
echo "after DBSIZE, which is 0: used_memory_dataset:$later"
# More than any signed number of 64 bits, and then a number of this world.
if ! [[ $empty =~ ^1844674407370[0-9]{7}$ && $again =~ ^1844674407370[0-9]{7}$ && $later =~ ^[0-9]{4,6}$ ]]; then
  echo "it is not so any more" >&2
  exit 1
fi

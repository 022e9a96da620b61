#!/usr/bin/env bash
# MariaDB 11.8.9, of Debian trixie: two ordinary schemas of which mariadb-dump ends with 0 and writes what a mariadb of the same
# version refuses to load, into an empty schema of the same server.
#
# Seen on 30 November 2026:
#   - A table whose column has DEFAULT NEXT VALUE FOR a sequence: error 1100, the sequence "was not locked with LOCK TABLES". The
#     dump locks the table alone before its rows, though they need no default. With --skip-add-locks the same data is loaded.
#   - A view WITH CHECK OPTION on a view whose name sorts later: error 1368, "CHECK OPTION on non-updatable view". The dump makes
#     views by name, and has constants in place of what is not made yet, which cannot be updated. No option of mariadb-dump
#     changes the order; with names that sort the other way it is loaded.
#
# Ends with 0 when it is still so. As root on Debian, with debootstrap; some minutes, and 800 MB in a temporary folder, which
# is removed.
set -euo pipefail

version=1:11.8.9+ds-0+deb13u1
work=$(mktemp -d)
server=
clean() {
  [ -z "$server" ] || { kill "$server" && wait "$server"; } 2>/dev/null || true
  rm -rf --one-file-system "$work"
}
trap clean EXIT

debootstrap --variant=minbase --include=mariadb-server,mariadb-client trixie "$work/root" >"$work/log" 2>&1 ||
  { tail -5 "$work/log" >&2 && exit 1; }
for package in mariadb-server mariadb-client; do
  has=$(chroot "$work/root" dpkg-query -W "$package" | cut -f 2)
  [ "$has" = "$version" ] || { echo "the archive has $package $has now, not $version" >&2 && exit 1; }
done
in_root() { chroot "$work/root" "$@"; }
in_root mariadb-install-db --force --user=mysql --datadir=/var/lib/finding >"$work/log" 2>&1 || { tail -5 "$work/log" >&2 && exit 1; }
chroot "$work/root" mariadbd --user=mysql --datadir=/var/lib/finding --skip-networking --socket=/tmp/socket \
  --pid-file=/tmp/pid >"$work/server" 2>&1 &
server=$!
sql() { in_root mariadb --no-defaults --socket=/tmp/socket -N "$@"; }
for _ in $(seq 300); do
  ! sql -e 'DO 1' >/dev/null 2>&1 || break
  sleep 0.2
done

sql -e "
  CREATE DATABASE sequences; CREATE DATABASE later; CREATE DATABASE earlier;
  USE sequences;
  CREATE SEQUENCE numbers;
  CREATE TABLE orders (id BIGINT DEFAULT NEXT VALUE FOR numbers, item TEXT);
  INSERT INTO orders (item) VALUES ('one'), ('two');
  USE later;
  CREATE TABLE items (n INT);
  CREATE VIEW positive AS SELECT n FROM items WHERE n > 0;
  CREATE VIEW cheap AS SELECT n FROM positive WHERE n < 10 WITH CASCADED CHECK OPTION;
  USE earlier;
  CREATE TABLE items (n INT);
  CREATE VIEW base AS SELECT n FROM items WHERE n > 0;
  CREATE VIEW cheap AS SELECT n FROM base WHERE n < 10 WITH CASCADED CHECK OPTION;"

# The number of the error that loading a dump ends with, or "loaded".
loading() { # SCHEMA DUMP-OPTION...
  in_root mariadb-dump --no-defaults --socket=/tmp/socket "${@:2}" "$1" >"$work/dump"
  sql -e 'DROP DATABASE IF EXISTS target; CREATE DATABASE target'
  if sql target <"$work/dump" 2>"$work/errors"; then echo loaded; else sed -n 's/^ERROR \([0-9]*\) .*/\1/p' "$work/errors"; fi
}
got="$(loading sequences) $(loading sequences --skip-add-locks) $(loading later) $(loading later --skip-add-locks) $(loading earlier)"
read -r sequences unlocked later later_unlocked earlier <<<"$got"
echo "default from a sequence: $sequences; with --skip-add-locks: $unlocked"
echo "view with CHECK OPTION on one that sorts later: $later; with --skip-add-locks: $later_unlocked; on one that sorts earlier: $earlier"
if [ "$got" != "1100 loaded 1368 1368 loaded" ]; then
  echo "it is not so any more" >&2
  exit 1
fi

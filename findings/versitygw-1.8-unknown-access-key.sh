#!/usr/bin/env bash
# versitygw 1.8.0, with its one account of the command line: a request that is signed with an access key that it does not know
# is answered with 404, as if the object were not there, instead of S3's 403.
#
# Seen on 30 November 2026: GET of an object that is there answers 404 with the code XAdminUserNotFound, which is one of the
# gateway's own admin API; HEAD answers 404 without any word, as of an absent object; the bucket's list is 404 too. S3 answers
# 403 InvalidAccessKeyId. With a known key and a wrong secret it is 403 SignatureDoesNotMatch, as it should be. So a client with
# an outdated access key takes each object for deleted, and each DELETE for one of what was gone already.
#
# Ends with 0 when it is still so. VERSITYGW may name the program; else it is built with go in a temporary folder, with all
# that go fetches for it: some minutes and 2 GB. The folder is removed.
set -euo pipefail

version=v1.8.0
work=$(mktemp -d)
server=
clean() {
  [ -z "$server" ] || { kill "$server" && wait "$server"; } 2>/dev/null || true
  chmod -R u+w "$work" # what go fetches cannot be written
  rm -rf --one-file-system "$work"
}
trap clean EXIT

program=${VERSITYGW:-$work/versitygw}
[ -n "${VERSITYGW:-}" ] || GOPATH=$work/go GOCACHE=$work/cache GOBIN=$work \
  go install "github.com/versity/versitygw/cmd/versitygw@$version" >"$work/log" 2>&1 || { tail -5 "$work/log" >&2 && exit 1; }
has=$(go version -m "$program" | awk '$1 == "mod" { print $3 }')
[ "$has" = "$version" ] || { echo "$program is $has, not $version" >&2 && exit 1; }

port=$(python3 -c 'import socket; s = socket.socket(); s.bind(("127.0.0.1", 0)); print(s.getsockname()[1])')
mkdir "$work/data"
ROOT_ACCESS_KEY=known ROOT_SECRET_KEY=secret "$program" --port "127.0.0.1:$port" --quiet posix "$work/data" >"$work/server" 2>&1 &
server=$!
request() { # KEY METHOD PATH: the status, and the error's code where there is one
  local head=()
  [ "$2" != HEAD ] || head=(--head)
  : >"$work/body"
  curl -s -o "$work/body" -w '%{http_code} ' --max-time 10 --aws-sigv4 aws:amz:us-east-1:s3 --user "$1" -X "$2" "${head[@]}" \
    -H "x-amz-content-sha256: $(sha256sum </dev/null | cut -d ' ' -f 1)" "http://127.0.0.1:$port/$3" || true
  sed -n 's|.*<Code>\(.*\)</Code>.*|\1|p' "$work/body"
}
for _ in $(seq 50); do
  made=$(request known:secret PUT bucket)
  [ "$made" != '200 ' ] || break
  sleep 0.1
done
put=$(request known:secret PUT bucket/object)
good=$(request known:secret GET bucket/object)
got=$(request unknown:secret GET bucket/object)
looked=$(request unknown:secret HEAD bucket/object)
listed=$(request unknown:secret GET bucket)
deleted=$(request unknown:secret DELETE bucket/object)
wrong=$(request known:wrong GET bucket/object)
still=$(request known:secret GET bucket/object)
echo "known key: PUT $put, GET $good; wrong secret: GET $wrong"
echo "unknown key: GET $got, HEAD $looked, list $listed, DELETE $deleted; then, with the known key: GET $still"
if ! [[ $put == '200 ' && $good == '200 ' && $still == '200 ' && $wrong == '403 SignatureDoesNotMatch' &&
  $got == '404 XAdminUserNotFound' && $looked == '404 ' && $listed == "$got" && $deleted == "$got" ]]; then
  echo "it is not so any more" >&2
  exit 1
fi

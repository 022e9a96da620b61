#!/usr/bin/env bash
# An OpenSearch that trusts what the Director trusts, by jvm-trusted-certs. Sourced by scripts/vm.d/inside.
# shellcheck disable=SC2154 # its variables come from there

opensearch=$vcap/store/opensearch
# The one that manifests/sample-service.yml names, whatever version it is here.
runtime=$vcap/packages/openjdk-21

steps_opensearch() {
  step "Laying out the VM, starting an S3 server and OpenSearch"
  cover_host
  make_directories
  compile_packages holdfast-java holdfast-job-scripts
  unpack_jobs
  start_s3
  interpolate
  render_jobs jvm-trusted-certs
  install_opensearch
  start_opensearch

  step "The store's CA is not trusted"
  ! register_repository || die "OpenSearch takes a repository whose certificate it cannot trust"
  grep -o -m 1 'PKIX path building failed[^"]*' "$work/answer" | head -n 1 | sed 's/^/  /' ||
    die "OpenSearch refuses for another reason: $(cat "$work/answer")"
  shown "OpenSearch refuses the repository, because of its certificate"

  step "The Director trusts it: pre-start of jvm-trusted-certs, and a restart"
  trust "$(s3 ca_file)"
  run_script pre-start jvm-trusted-certs || die "pre-start fails"
  sed 's/^/  /' "$vcap/sys/log/jvm-trusted-certs/pre-start.stdout.log"
  stop_opensearch
  start_opensearch
  register_repository || die "OpenSearch does not take the repository: $(cat "$work/answer")"
  ask PUT '/books/_doc/1?refresh=true' '{"title": "kept"}' || die "$(cat "$work/answer")"
  ask PUT '/_snapshot/backups/first?wait_for_completion=true' '{"indices": "books"}' || die "$(cat "$work/answer")"
  [ "$(jq -r .snapshot.state "$work/answer")" = SUCCESS ] || die "the snapshot: $(cat "$work/answer")"
  ask DELETE /books || die "$(cat "$work/answer")"
  ask POST '/_snapshot/backups/first/_restore?wait_for_completion=true' || die "$(cat "$work/answer")"
  ask GET /books/_doc/1 || die "$(cat "$work/answer")"
  [ "$(jq -r ._source.title "$work/answer")" = kept ] || die "it is not restored: $(cat "$work/answer")"
  shown "the repository is registered, a snapshot is taken and restored"
  stop_opensearch
}

# install_opensearch: with a runtime of its own, as on a service's VM. It refuses to run as root.
install_opensearch() {
  mkdir -p "$runtime"
  # Debian's JDKs share a keystore by a link.
  tar -C "$jdk" --dereference --exclude=./jmods --exclude=./lib/src.zip -cf - . | tar -C "$runtime" -xf -
  cp -R "$(compgen -G "$root/src/engines/target/opensearch-3.*")" "$opensearch"
  # Two collectors are an error: the one of its settings gives way to the smaller one below.
  sed -i "/UseG1GC/d" "$opensearch/config/jvm.options"
  cat >"$opensearch/config/opensearch.yml" <<YML
discovery.type: single-node
network.host: 127.0.0.1
s3.client.default.endpoint: $(s3 endpoint)
s3.client.default.region: $(s3 region)
s3.client.default.path_style_access: true
YML
  mkdir "$opensearch/tmp"
  chown -R vcap:vcap "$opensearch"
  as_vcap "$opensearch/bin/opensearch-keystore" create
  { s3 access_key; s3 secret_key; } |
    as_vcap "$opensearch/bin/opensearch-keystore" add --stdin s3.client.default.access_key s3.client.default.secret_key
}

# Its cryptographic library unpacks a native one, which cannot be loaded from a /tmp that is mounted noexec.
as_vcap() {
  (cd "$opensearch" && exec env -i PATH="$agent_path" HOME="$opensearch" OPENSEARCH_JAVA_HOME="$runtime" \
    OPENSEARCH_TMPDIR="$opensearch/tmp" \
    OPENSEARCH_JAVA_OPTS="-Xms512m -Xmx512m -XX:TieredStopAtLevel=1 -XX:+UseSerialGC -Djava.io.tmpdir=$opensearch/tmp" setpriv --reuid=vcap --regid=vcap --init-groups "$@") \
    >>"$log/opensearch.log" 2>&1
}

start_opensearch() {
  as_vcap "$opensearch/bin/opensearch" &
  wait_until 300 "OpenSearch's start" ask GET '/_cluster/health?wait_for_status=yellow'
}

stop_opensearch() {
  local pid
  pid=$(pgrep -u vcap -f org.opensearch.bootstrap.OpenSearch)
  kill -TERM "$pid"
  wait_until 120 "OpenSearch's end" test ! -e "/proc/$pid"
}

register_repository() {
  # S3Proxy knows no encryption of its own. The client that is the default does not ask the JVM whom it trusts.
  ask PUT /_snapshot/backups "$(jq -n --arg bucket "$(s3 bucket)" '{type: "s3", settings: {bucket: $bucket,
    base_path: "opensearch", s3_async_client_type: "netty", server_side_encryption_type: "bucket_default"}}')"
}

ask() { # METHOD PATH [BODY]
  curl --silent --show-error --fail-with-body --max-time 120 -X "$1" -H 'Content-Type: application/json' \
    ${3:+--data "$3"} "http://127.0.0.1:9200$2" >"$work/answer"
}

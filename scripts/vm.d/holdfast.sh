#!/usr/bin/env bash
# What Holdfast's jobs have to do on a VM. Sourced by scripts/vm.d/inside.
# shellcheck disable=SC2154 # its variables come from there

jobs=(backup-manager backup-agent jvm-trusted-certs smoke-tests rebuild-catalogue apply-policies)
holdfast=$vcap/jobs/backup-manager/bin/holdfast
monit_log=$vcap/monit/monit.log
# shellcheck source=scripts/vm.d/certificates.sh
. "$root/scripts/vm.d/certificates.sh"

threshold='total mem amount of .* matches resource limit'

# Logs are read from here on.
mark() {
  marked=0
  [ ! -e "$1" ] || marked=$(wc -l <"$1")
}

since_mark() {
  tail -n +$((marked + 1)) "$1"
}

# api PATH: what the manager answers to an operator; quicker than the command line, for what is asked again and again.
api() {
  curl --silent --show-error --fail --max-time 20 --cacert "$vcap/jobs/backup-manager/config/tls_ca.pem" \
    --config <(printf 'user = "admin:%s"\n' "$(cat "$vcap/jobs/backup-manager/config/operator_password")") \
    "https://${manager_address:-127.0.0.1}:8443$1"
}

# newest FIELD: of the newest backup.
newest() {
  api "/instances/$instance/backups" | jq -r "first | $1"
}

newest_is() { # FIELD VALUE
  [ "$(newest "$1")" = "$2" ]
}

bytes_are_read() {
  [ "$(newest '.progress.bytes_in // 0')" -gt 20000000 ]
}

begin_backup() { # OPTION...
  "$holdfast" backup "$instance" --no-wait "$@" >/dev/null
  wait_until 60 "the backup's first bytes" bytes_are_read
  ! no_garbage || die "a backup runs, and no segment of it is stored"
}

end_backup() {
  wait_until 180 "the backup's end" newest_is .status 'done'
}

# nothing_left: after the end of a backup nothing of an earlier attempt is there.
nothing_left() {
  wait_until 30 "the end of dump programs" no_dump_program
  wait_until 90 "the removal of what no backup uses" no_garbage
}

no_dump_program() {
  ! pgrep '^pg_'
}

no_garbage() {
  list_garbage
  [ ! -s "$work/garbage" ]
}

agent_is_online() {
  api /agents | jq -e 'any(.online)'
}

all_are_verified() {
  api "/instances/$instance/backups" | jq -e 'all(.state == "verified")'
}

ready() {
  curl --silent --max-time 20 --cacert "$vcap/jobs/backup-manager/config/tls_ca.pem" "https://${manager_address:-127.0.0.1}:8443/readyz"
}

# refused: the store's certificate is not trusted, and all who can be asked say so.
refused() {
  local said=$vcap/sys/log/backup-manager
  : >"$said/post-start.stderr.log"
  ! run_script post-start backup-manager || die "post-start passes with a store that is not trusted"
  grep -i 'certif' "$said/post-start.stderr.log" >/dev/null || die "post-start does not say what is wrong"
  grep -o -m 1 'cannot [^"]*certif[^"]*' "$said/post-start.stderr.log" | sed 's/^/  /'
  # Everybody may ask it, so it does not say why.
  ready | jq -e '.ready == false and any(.checks[]; .name == "store" and (.ok | not) and (.detail | test("REFUSED")))' \
    >/dev/null || die "readyz does not say that the store is refused: $(ready)"
  since_mark "$said/backup-manager.stdout.log" | grep -i 'certif' >/dev/null || die "the manager's log does not name the certificate"
}

steps_holdfast() {
  lay_out
  store_is_refused
  store_is_trusted
  memory_stays_below
  memory_goes_above
  agent_is_killed
  agent_is_stopped
  machine_reboots
  smoke_tests_pass
  catalogue_is_rebuilt
  bbr_has_the_state
  policies_are_applied
  metrics_are_good
  certificates_are_many
  logs_are_json
  store_is_refused_again
}

lay_out() {
  step "Laying out the VM, starting an S3 server and a PostgreSQL with $size MB"
  cover_host
  make_directories
  compile_packages holdfast-java holdfast-job-scripts holdfast-manager holdfast-agent holdfast-cli
  unpack_jobs
  start_s3
  interpolate
  start_postgresql "$(variable backup_password)"
  make_data "$size"
  render_jobs "${jobs[@]}"
  runtime_hash=$(sha256sum <"$vcap/packages/holdfast-java/lib/security/cacerts")
  "$vcap/packages/holdfast-java/bin/java" -Xshare:on -version >"$log/java.log" 2>&1 ||
    die "the runtime's class archive is lost when the compiled package is installed elsewhere"
  shown "packages compile; the runtime's class archive is used where the package is installed"
}

store_is_refused() {
  step "The store's CA is not trusted: pre-start, monit, post-start"
  trust
  run_scripts pre-start || die "pre-start fails without trusted certificates"
  mark "$vcap/sys/log/backup-manager/backup-manager.stdout.log"
  start_monit
  start_jobs
  refused
  run_script post-start backup-agent || die "the agent is not accepted"
  shown "the store is refused: post-start and the log say why, readyz that; the manager serves and has accepted the agent"
}

store_is_trusted() {
  step "The Director trusts it: backup and restore"
  local before after
  trust "$(s3 ca_file)"
  deploy
  run_scripts post-start || die "a post-start script fails"
  before=$(checksum)
  "$holdfast" backup "$instance"
  sql 'DELETE FROM orders WHERE id % 3 = 0'
  sql "UPDATE orders SET content = 'lost' WHERE id % 3 = 1"
  "$holdfast" restore "$instance" latest --yes
  after=$(checksum)
  [ "$before" = "$after" ] || die "restored is not what was backed up: $before, $after"
  no_garbage || die "there is in the store what no backup uses: $(cat "$work/garbage")"
  shown "after pre-start and a restart the store is trusted; what is restored is what was backed up ($after)"
}

sample_memory() {
  while sleep 0.3; do
    services >>"$work/memory" || true
  done
}

peak() { # JOB
  awk -v job="$1" '$1 == job && $4 > peak { peak = $4 } END { print int(peak / 1024) }' "$work/memory"
}

memory_stays_below() {
  step "Memory during a backup of $size MB and its verification"
  local sampler job limit
  mark "$monit_log"
  : >"$work/memory"
  sample_memory &
  sampler=$!
  "$holdfast" backup "$instance"
  "$holdfast" verify "$instance" latest
  kill $sampler
  wait $sampler 2>/dev/null || true
  for job in "${processes[@]}"; do
    limit=$(sed -n 's/.*totalmem > \([0-9]*\) Mb.*/\1/p' "$vcap/jobs/$job/monit")
    printf '  %-15s peak totalmem %4d MB, threshold %4d MB\n' "$job" "$(peak "$job")" "$limit"
    [ "$(peak "$job")" -gt 50 ] || die "monit did not measure $job"
  done
  ! since_mark "$monit_log" | grep "$threshold" || die "monit alerts in usual work"
  shown "no alert with the default thresholds"
}

memory_goes_above() {
  step "The agent's threshold is below its use"
  interpolate "$root/scripts/vm.d/ops/low-threshold.yml"
  mark "$monit_log"
  deploy_without_waiting_for_agent
  wait_until 30 "monit's alert" alerted
  wait_until 30 "the agent's counting as failing" is backup-agent failing
  since_mark "$monit_log" | grep -m 1 "$threshold" | cut -c1-200
  interpolate
  deploy
  run_scripts post-start || die "a post-start script fails"
  mark "$monit_log"
  sleep 3
  ! alerted || die "monit still alerts"
  shown "monit alerts, BOSH takes the agent for failing, and both end with the default"
}

deploy_without_waiting_for_agent() {
  stop_jobs
  render_jobs "${jobs[@]}"
  run_scripts pre-start || die "a pre-start script failed"
  reload_monit
  monit start all
}

alerted() {
  since_mark "$monit_log" | grep -q "$threshold"
}

agent_is_killed() {
  step "kill -9 of the agent during a backup"
  local pid
  begin_backup --fresh
  pid=$(pid_of backup-agent)
  kill -KILL "$pid"
  wait_until 30 "the agent's restart by monit" restarted_since "$pid"
  end_backup
  nothing_left
  shown "monit has restarted the agent (attempts: $(newest .attempts)), the backup is done, nothing is left behind"
}

restarted_since() { # PID
  [ "$(pid_of backup-agent)" != "$1" ] && is backup-agent running
}

agent_is_stopped() {
  local since pid
  step "monit stop during a backup"
  begin_backup --fresh
  pid=$(pid_of backup-agent)
  since=$SECONDS
  monit stop backup-agent
  wait_until 30 "the agent's end" test ! -e "/proc/$pid"
  handed_back $((SECONDS - since))

  step "drain during a backup"
  begin_backup --fresh
  monit unmonitor backup-agent
  pid=$(pid_of backup-agent)
  : >"$vcap/sys/log/backup-agent/drain.stdout.log"
  since=$SECONDS
  run_script drain backup-agent || die "drain fails"
  [ ! -e "/proc/$pid" ] || die "drain is over and the agent is not"
  [[ $(cat "$vcap/sys/log/backup-agent/drain.stdout.log") =~ ^0$ ]] ||
    die "drain says: $(cat "$vcap/sys/log/backup-agent/drain.stdout.log")"
  handed_back $((SECONDS - since))
}

handed_back() { # SECONDS
  # A second for the job, the rest for what follows: the process has 30 for it.
  [ "$1" -le 15 ] || die "it took $1 seconds"
  wait_until 30 "the end of dump programs" no_dump_program
  ! newest_is .status 'done' || die "the backup was not interrupted: choose a larger --size"
  wait_until 10 "the job's way back" newest_is .status queued
  wait_until 20 "monit's leaving the agent alone" is backup-agent unmonitored
  monit start backup-agent
  end_backup
  nothing_left
  shown "the agent ended after $1 s, its job was handed back and done after monit start"
}

machine_reboots() {
  step "A reboot: no process, nothing in sys/run, no pre-start"
  reboot
  start_jobs
  wait_until 30 "the agent's way back" agent_is_online
  "$holdfast" backup "$instance"
  wait_until 120 "the verification of all backups" all_are_verified
  shown "monit starts all, and a backup works; the manager has verified all $(newest .id) backups"
}

# smoke_tests_pass: the errand. It needs the command delete-instance and the adapter for directories.
smoke_tests_pass() {
  step "The errand smoke-tests, twice"
  run_script run smoke-tests || die "the errand fails"
  sed 's/^/  /' "$vcap/sys/log/smoke-tests/run.stdout.log"
  run_script run smoke-tests || die "the errand fails the second time"
  shown "the errand passes, and passes again"
}

good_backups() {
  "$holdfast" backups "$instance" --json | jq -S '[.[] | select(.status == "done") | .backup_id]'
}

stop_manager() {
  local pid
  pid=$(pid_of backup-manager)
  monit stop backup-manager
  wait_until 60 "the manager's end" test ! -e "/proc/$pid"
  wait_until 20 "monit's leaving the manager alone" is backup-manager unmonitored
}

# catalogue_is_rebuilt: DL-18 as an operator would do it.
catalogue_is_rebuilt() {
  step "The catalogue is lost: bosh stop, bin/rebuild, bosh start; and the errand rebuild-catalogue"
  local before
  before=$(good_backups)
  stop_manager
  rm -rf "$vcap/store/backup-manager/state"
  env -i PATH="$agent_path" "$vcap/jobs/backup-manager/bin/rebuild" | sed 's/^/  /' || die "bin/rebuild fails"
  is backup-manager unmonitored || die "a manager that bosh stop has stopped was started"
  monit start backup-manager
  wait_until 90 "the agent's way back" agent_is_online
  [ "$(good_backups)" = "$before" ] || die "the catalogue is not what it was"
  run_script run rebuild-catalogue || die "the errand fails"
  sed 's/^/  /' "$vcap/sys/log/rebuild-catalogue/run.stdout.log"
  wait_until 90 "the agent's way back" agent_is_online
  [ "$(good_backups)" = "$before" ] || die "the catalogue is not what it was"
  "$holdfast" restore "$instance" latest --yes
  shown "the same backups are listed, and the newest restores; only a manager that ran before is started again"
}

# bbr SCRIPT: as BBR runs it.
bbr() {
  env -i PATH="$agent_path" BBR_ARTIFACT_DIRECTORY="$work/bbr/" "$vcap/jobs/backup-manager/bin/bbr/$1"
}

bbr_has_the_state() {
  step "BBR: the manager's own state is copied while it works, lost, and brought back"
  local held
  mkdir -p "$work/bbr"
  [ "$(bbr metadata)" = '--- {}' ] || die "metadata says: $(bbr metadata)"
  held=$(newest .id)
  "$holdfast" hold "$instance" "$held" --reason 'the audit'
  bbr backup || die "backup fails"
  is backup-manager running || die "the manager does not run any more"
  head -c 21 "$work/bbr/state.db.zst.age" | grep -qx 'age-encryption.org/v1' || die "the copy is not encrypted"
  "$holdfast" hold "$instance" "$held" --release
  bbr pre-restore-lock || die "pre-restore-lock fails"
  wait_until 20 "monit's leaving the manager alone" is backup-manager unmonitored
  rm -rf "$vcap/store/backup-manager/state"
  bbr restore | sed 's/^/  /' || die "restore fails"
  bbr post-restore-unlock || die "post-restore-unlock fails"
  wait_until 90 "the agent's way back" agent_is_online
  newest .hold.reason | grep -qx 'the audit' || die "the hold is not there any more: $(newest .)"
  "$holdfast" hold "$instance" "$held" --release
  shown "what the store does not know, such as a hold, is there again"
}

policies_are_applied() {
  step "The errand apply-policies, twice; BOSH DNS; IPv6"
  local said=$vcap/sys/log/apply-policies/run.stdout.log
  run_script run apply-policies || die "the errand fails"
  sed 's/^/  /' "$said"
  [ "$(api "/instances/$instance" | jq .retention.daily)" = 30 ] || die "the retention is not what the manifest says"
  [ "$(api /instances/shop-2 | jq -c '[.schedule.cron, .exclude_from_auto_backup]')" = '["0 4 * * *",true]' ] ||
    die "shop-2 is not what the manifest says: $(api /instances/shop-2)"
  curl --silent --fail --cacert "$vcap/jobs/backup-manager/config/tls_ca.pem" \
    --user 'data-services:the password of the broker' "https://127.0.0.1:8443/instances/$instance" >/dev/null ||
    die "the broker does not see its instance"
  : >"$said"
  run_script run apply-policies || die "the errand fails the second time"
  grep -qx '2 instances, 0 changed, 0 failed.' "$said" || die "the second time changes something: $(cat "$said")"
  env -i PATH="$agent_path" "$vcap/jobs/backup-manager/bin/dns/healthy" || die "the manager is not healthy for BOSH DNS"
  curl --silent --insecure 'https://[::1]:8443/readyz' | grep -q '"ready":true' || die "the manager does not listen for IPv6"
  curl --silent --insecure 'https://[::1]:8444/' >/dev/null || [ $? != 7 ] || die "no agent could reach the manager by IPv6"
  shown "the second time changes nothing; owner, schedule and rules are the manifest's; the manager answers by IPv6"
}

metrics_are_good() {
  step "Metrics"
  local metrics=$work/metrics
  curl --silent --show-error --fail --cacert "$vcap/jobs/backup-manager/config/tls_ca.pem" \
    --config <(printf 'user = "metrics:%s"\n' "$(variable metrics_password)") https://127.0.0.1:8443/metrics >"$metrics"
  promtool check metrics <"$metrics" || die "promtool does not like the metrics"
  grep -e '^holdfast_agent_resident_memory_with_children_bytes' -e '^holdfast_agent_memory_alert_bytes' "$metrics" |
    sed 's/^/  /'
  [ "$(grep -c -e '^holdfast_agent_resident_memory_with_children_bytes{' -e '^holdfast_agent_memory_alert_bytes{' "$metrics")" = 2 ] ||
    die "the agent's memory and its threshold are not among the metrics"
  shown "promtool finds no fault, and the agent's memory stands beside its threshold"
}

logs_are_json() {
  step "Logs"
  local job
  for job in "${processes[@]}"; do
    jq -e -n 'reduce inputs as $line (0; if $line | has("formattedMessage") then . + 1 else error("no message") end)' \
      "$vcap/sys/log/$job/$job.stdout.log" >"$work/lines" || die "not all lines of the log of $job are JSON"
    shown "$(cat "$work/lines") lines of the log of $job are JSON"
    if [ -s "$vcap/sys/log/$job/$job.stderr.log" ]; then
      die "$job writes beside its log: $(head -n 3 "$vcap/sys/log/$job/$job.stderr.log")"
    fi
  done
}

store_is_refused_again() {
  step "The Director trusts it no more"
  trust
  mark "$vcap/sys/log/backup-manager/backup-manager.stdout.log"
  deploy
  refused
  shown "after pre-start and a restart the store is refused again"
}

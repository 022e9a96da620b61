#!/usr/bin/env bash
# From one release to the next while jobs run, the manager first. Sourced by scripts/vm.d/inside; $work/release-before.tgz is the older one.
# shellcheck disable=SC2154 # its variables come from there

# shellcheck source=scripts/vm.d/holdfast.sh
. "$root/scripts/vm.d/holdfast.sh"

steps_upgrade() {
  cp "$work/release.tgz" "$work/release-after.tgz"
  cp "$work/release-before.tgz" "$work/release.tgz"
  lay_out
  older_release_works
  next_release_is_compiled
  manager_goes_first
  agent_follows
}

version() {
  sed -n 's/^version: //p' "$work/release/release.MF" | tr -d '"'\'
}

agent_is_of() { # VERSION
  api /agents | jq -e --arg version "$1" 'all(.online and .version == $version)'
}

older_release_works() {
  older_version=$(version)
  step "The older release: $older_version"
  trust "$(s3 ca_file)"
  run_scripts pre-start || die "pre-start fails"
  start_monit
  start_jobs
  run_scripts post-start || die "a post-start script fails"
  "$holdfast" backup "$instance"
  "$holdfast" hold "$instance" 1 --reason 'before the upgrade'
  before_upgrade=$(checksum)
  shown "a backup is made and held"
}

# The Director compiles before it changes anything.
next_release_is_compiled() {
  cp "$work/release-after.tgz" "$work/release.tgz"
  rm -rf "$work/release" "$work/jobs"
  compile_packages holdfast-java holdfast-job-scripts holdfast-manager holdfast-agent holdfast-cli
  unpack_jobs
}

# deploy_job JOB PACKAGE...: to the VM that has this job alone; what runs beside it here stays as it is.
deploy_job() {
  local job=$1
  shift
  monit unmonitor "$job"
  wait_until 20 "monit's leaving $job alone" is "$job" unmonitored
  [ ! -x "$vcap/jobs/$job/bin/drain" ] || run_script drain "$job" || die "the drain script of $job failed"
  monit stop "$job"
  wait_until 60 "the end of $job" has_no_process "$job"
  link_packages "$@"
  render_jobs "${jobs[@]}"
  run_script pre-start "$job" || die "pre-start of $job failed"
  reload_monit
  monit start "$job"
  wait_until 60 "the start of $job" is "$job" running
  run_script post-start "$job" || die "post-start of $job fails"
}

has_no_process() {
  [ ! -e "$vcap/sys/run/$1/$1.pid" ] || ! kill -0 "$(cat "$vcap/sys/run/$1/$1.pid")" 2>/dev/null
}

manager_goes_first() {
  step "The next release is deployed to the manager alone, while a backup runs"
  begin_backup
  deploy_job backup-manager holdfast-manager holdfast-cli
  end_backup
  nothing_left
  [ "$("$holdfast" --version)" = "holdfast $(version)" ] || die "the command line is of $("$holdfast" --version)"
  wait_until 60 "the older agent" agent_is_of "$older_version"
  sql 'DELETE FROM orders WHERE id % 3 = 0'
  "$holdfast" backup "$instance"
  "$holdfast" restore "$instance" 1 --yes
  [ "$(checksum)" = "$before_upgrade" ] || die "the older agent does not restore for the new manager"
  shown "the manager is of $(version), the agent of $older_version: backups and a restore go on"
}

agent_follows() {
  step "The agent follows while a backup runs"
  begin_backup --fresh
  deploy_job backup-agent holdfast-java holdfast-job-scripts holdfast-agent
  end_backup
  nothing_left
  newest_is .attempts 2 || die "the backup was over before the upgrade: choose a larger --size"
  wait_until 60 "the new agent" agent_is_of "$(version)"
  sql 'DELETE FROM orders WHERE id % 3 = 0'
  "$holdfast" restore "$instance" 1 --yes
  [ "$(checksum)" = "$before_upgrade" ] || die "a backup of the older release does not restore"
  "$holdfast" backups "$instance" --json | jq -e 'last | .hold.reason == "before the upgrade"' >/dev/null || die "the hold is gone"
  shown "agent and manager are of $(version); the backup went on, and one of the older release restores"
}

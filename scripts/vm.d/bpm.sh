#!/usr/bin/env bash
# Manager and agent under bpm: its mounts, user, cgroups and stopping, on runc. Sourced by scripts/vm.d/inside.
# shellcheck disable=SC2154 # its variables come from there

# shellcheck source=scripts/vm.d/holdfast.sh
. "$root/scripts/vm.d/holdfast.sh"

manager_ops+=("$root/manifests/ops/bpm.yml")
service_ops+=("$root/scripts/vm.d/ops/agent-bpm.yml")
shared=$vcap/store/shared

steps_bpm() {
  lay_out
  jobs_start_under_bpm
  nothing_can_be_executed
  state_is_kept
  agent_is_stopped
  logs_are_json
}

jobs_start_under_bpm() {
  step "Under bpm: pre-start, monit, post-start, backup, restore"
  local before after
  mkdir -p "$vcap/jobs/bpm/bin"
  printf '#!/bin/sh\nexec ruby %s/scripts/vm.d/bpm.rb "$@" 2>>%s\n' "$root" "$log/bpm.log" >"$vcap/jobs/bpm/bin/bpm"
  chmod 0750 "$vcap/jobs/bpm/bin/bpm"
  basename "$work" >"$vcap/bosh/run"
  install -d -o nobody -g vcap -m 0751 "$shared"
  date >"$shared/file"
  trust "$(s3 ca_file)"
  run_scripts pre-start || die "pre-start fails"
  start_monit
  start_jobs
  run_scripts post-start || die "a post-start script fails"
  before=$(checksum)
  "$holdfast" backup "$instance"
  "$holdfast" verify "$instance" latest
  sql 'DELETE FROM orders WHERE id % 3 = 0'
  "$holdfast" restore "$instance" latest --yes
  after=$(checksum)
  [ "$before" = "$after" ] || die "restored is not what was backed up: $before, $after"
  shown "backup, verification and restore work"
}

# in_container JOB COMMAND...: as root, but with what the job's process sees.
in_container() {
  local job=$1
  shift
  nsenter --target "$(pid_of "$job")" --mount "$@"
}

java_of() { # JOB: its pid is that of bpm's init
  pgrep -P "$(pid_of "$1")"
}

nothing_can_be_executed() {
  step "What bpm lets the processes do"
  local job place
  for job in "${processes[@]}"; do
    for place in "$vcap/data/$job" "$vcap/store/$job" /tmp /var/tmp; do
      in_container "$job" cp /bin/true "$place/program" || die "$job cannot write to $place"
      ! in_container "$job" "$place/program" 2>/dev/null || die "in $place programs can be executed: this is not bpm"
      in_container "$job" rm "$place/program"
    done
    [ "$(ps -o euid= -p "$(java_of "$job")" | tr -d ' ')" = "$(id -u vcap)" ] || die "$job does not run as vcap"
    grep -q "$vcap/data/packages/holdfast-.*/native/libzstd-jni.so" "/proc/$(java_of "$job")/maps" ||
      die "$job has not loaded zstd from its package"
    ! in_container "$job" ls "$vcap/jobs/smoke-tests" 2>/dev/null || die "$job sees the files of other jobs"
    memory_cgroup "$job"
  done
  [ "$(in_container backup-agent cat "$shared/file")" = "$(cat "$shared/file")" ] || die "the agent does not see bpm.volumes"
  [ "$(stat -c '%U %a' "$shared")" = 'nobody 751' ] || die "a volume that is mounted only was taken: $(stat -c '%U %a' "$shared")"
  shown "neither can execute what it writes, native libraries come from the packages, and a volume keeps its owner"
}

memory_cgroup() { # JOB
  local path most
  path=$(sed -n 's/^[0-9]*:memory:\(.*\)/\1/p' "/proc/$(java_of "$1")/cgroup")
  most=/sys/fs/cgroup/memory$path/memory.max_usage_in_bytes
  if [ -z "$path" ]; then
    path=$(sed -n 's/^0:://p' "/proc/$(java_of "$1")/cgroup")
    most=/sys/fs/cgroup$path/memory.peak
  fi
  if [ -r "$most" ]; then
    [[ $path == */"$(basename "$work")-$1" ]] || die "$1 has no memory cgroup of its own: $path"
    printf '  %-15s most memory in its cgroup %4d MB\n' "$1" $(($(cat "$most") / 1048576))
  else
    printf '\n  NOT SHOWN: this machine has no memory cgroup that can be read for %s (%s)\n\n' "$1" "$path"
  fi
}

# state_is_kept: what the manager's scripts do beside bpm.
state_is_kept() {
  step "bin/rebuild and bosh's stop and start"
  local before
  before=$(good_backups)
  env -i PATH="$agent_path" "$vcap/jobs/backup-manager/bin/rebuild" | sed 's/^/  /' || die "bin/rebuild fails"
  wait_until 90 "the agent's way back" agent_is_online
  [ "$(good_backups)" = "$before" ] || die "the catalogue is not what it was"
  shown "bin/rebuild stops the manager under bpm and starts it again"
}

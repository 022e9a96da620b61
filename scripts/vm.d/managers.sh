#!/usr/bin/env bash
# Two managers on two VMs, with one PostgreSQL and one store. Sourced by scripts/vm.d/inside, in the first of the VMs, on which the
# agent, the data service and the servers are too.
# shellcheck disable=SC2154,SC2034 # its variables come from there, and go there

# shellcheck source=scripts/vm.d/holdfast.sh
. "$root/scripts/vm.d/holdfast.sh"

first=10.9.0.1
second=10.9.0.2
manager_address=manager.holdfast.internal
export VM_ADDRESS=$first
more_given="
state_host: 127.0.0.1
state_port: 5432
state_database: holdfast
state_user: holdfast
state_password: the password of the state
state_ca: none
manager_instances: 2
manager_static_ips: [$first, $second]"
manager_ops=("$root/manifests/ops/s3.yml" "$root/manifests/ops/postgresql-state.yml" "$root/manifests/ops/several-managers.yml"
  "$root/manifests/ops/policies.yml" "$root/scripts/vm.d/ops/managers.yml" "$root/scripts/vm.d/ops/manager.yml")

steps_managers() {
  resolve_to "$first"
  lay_out
  psql -q -c "CREATE ROLE holdfast LOGIN PASSWORD 'the password of the state'" -c 'CREATE DATABASE holdfast OWNER holdfast'
  second_vm_is_there
  both_start
  errands_work_once
  one_stops
  catalogue_is_made_anew
}

# resolve_to ADDRESS: what BOSH DNS would say of the managers' name.
resolve_to() {
  printf '127.0.0.1 localhost\n::1 localhost\n%s %s\n' "$1" "$manager_address" >"$work/hosts"
}

# on_second FUNCTION [ARGUMENT...]: of scripts/vm.d/member.
on_second() {
  VM_INDEX=1 VM_ADDRESS=$second nsenter --target "$member" --mount --pid --net "$root/scripts/vm.d/member" "$work" "$@"
}

second_vm_is_there() {
  step "A second VM, with a network between them"
  local net port parent
  mount --bind "$work/hosts" /etc/hosts
  unshare --net sleep infinity &
  net=$!
  wait_until 10 "the second network" different_net "$net"
  ip link add vm0 type veth peer name vm1 netns "$net"
  ip addr add "$first/24" dev vm0
  ip link set vm0 up
  nsenter --net="/proc/$net/ns/net" sh -c "ip addr add $second/24 dev vm1; ip link set vm1 up; ip link set lo up"
  # What stands beside the VMs is at 127.0.0.1 for each of them.
  for port in 5432 "$(s3 endpoint | sed 's/.*://')"; do
    socat "TCP-LISTEN:$port,bind=$first,fork,reuseaddr" "TCP:127.0.0.1:$port" &
    nsenter --net="/proc/$net/ns/net" socat "TCP-LISTEN:$port,bind=127.0.0.1,fork,reuseaddr" "TCP:$first:$port" &
  done
  nsenter --net="/proc/$net/ns/net" unshare --mount --pid --fork --kill-child --mount-proc \
    "$root/scripts/vm.d/member" "$work" become >"$log/second.log" 2>&1 &
  parent=$!
  wait_until 20 "the second VM" test -e "$work/second.ready"
  member=$(pgrep -P "$parent" | head -n 1)
  shown "it has its own /var/vcap, processes and network"
}

different_net() {
  [ "$(readlink "/proc/$1/ns/net")" != "$(readlink /proc/self/ns/net)" ]
}

both_start() {
  step "Both managers start, and work on one state"
  trust "$(s3 ca_file)"
  run_scripts pre-start || die "pre-start fails"
  start_monit
  start_jobs
  run_scripts post-start || die "a post-start script fails"
  on_second first_deployment || die "the second manager does not start"
  "$vcap/jobs/backup-manager/bin/dns/healthy" || die "the first manager is not healthy"
  on_second "$vcap/jobs/backup-manager/bin/dns/healthy" || die "the second manager is not healthy"
  "$holdfast" backup "$instance"
  [ "$(good_backups_of_second)" = "$(good_backups)" ] || die "the second manager knows other backups"
  shown "what one has backed up, the other knows"
}

good_backups_of_second() {
  resolve_to "$second"
  good_backups
  resolve_to "$first"
}

errands_work_once() {
  step "The Director runs errands on all VMs of the group"
  local errand
  for errand in smoke-tests apply-policies; do
    on_second run_script run "$errand" || die "$errand fails on the second VM"
    grep -q 'the bootstrap VM of the instance group does it' "$work/second/sys/log/$errand/run.stdout.log" ||
      die "$errand does not say that it does nothing on the second VM"
    run_script run "$errand" || die "$errand fails on the first VM"
  done
  shown "only the bootstrap VM works, the other says so and ends with 0"
}

one_stops() {
  step "One manager ends while a backup runs"
  begin_backup --fresh
  kill -KILL "$(pid_of backup-manager)"
  monit stop backup-manager
  wait_until 20 "monit's leaving the manager alone" is backup-manager unmonitored
  ! "$vcap/jobs/backup-manager/bin/dns/healthy" || die "a manager that does not run is healthy"
  # BOSH DNS sees it now.
  resolve_to "$second"
  wait_until 180 "the backup's end at the other manager" done_at_second
  shown "the agent found the other manager, and the backup is done there"
}

done_at_second() {
  "$holdfast" backups "$instance" --json | jq -e 'first | .status == "done"'
}

catalogue_is_made_anew() {
  step "The state is lost: bosh stop, bin/rebuild on one VM, bosh start"
  local before
  before=$(good_backups)
  ! "$vcap/jobs/backup-manager/bin/rebuild" >"$work/rebuild.log" 2>&1 || die "a rebuild beside a manager that works is not refused"
  grep -m 1 'uses this database' "$work/rebuild.log" | sed 's/^/  /' || die "it does not say why: $(cat "$work/rebuild.log")"
  on_second stop_it
  psql -q -c 'DROP DATABASE holdfast WITH (FORCE)' -c 'CREATE DATABASE holdfast OWNER holdfast'
  "$vcap/jobs/backup-manager/bin/rebuild" | sed 's/^/  /' || die "bin/rebuild fails"
  is backup-manager unmonitored || die "a manager that bosh stop has stopped was started"
  resolve_to "$first"
  monit start backup-manager
  on_second start_jobs
  wait_until 120 "the agent's way back" agent_is_online
  [ "$(good_backups)" = "$before" ] || die "the catalogue is not what it was: $(good_backups), $before"
  # No restore: the state is in the server that would be restored.
  "$holdfast" verify "$instance" latest
  shown "it is refused while a manager works; then the same backups are listed, and the newest is whole"
}

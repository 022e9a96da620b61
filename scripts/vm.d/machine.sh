#!/usr/bin/env bash
# What the BOSH agent does on a VM. Sourced by scripts/vm.d/inside, which has work, log, root and die.
# shellcheck disable=SC2154 # its variables come from there

vcap=/var/vcap
trusted_certificates=/usr/local/share/ca-certificates
# Scripts get nothing but this from the agent.
agent_path=/usr/sbin:/usr/bin:/sbin:/bin

# without_programs DIRECTORY: nothing in it can be executed from now on, as on a stemcell and under bpm.
without_programs() {
  mountpoint -q "$1" || mount --bind "$1" "$1"
  mount -o remount,bind,noexec,nosuid,nodev "$1"
}

# cover_temporary DIRECTORY: /tmp and /var/tmp are the VM's own. A clone, or what this run needs, is seen below them all the same.
cover_temporary() {
  local cover=$work/cover$1 each
  mkdir -p "$cover"
  chmod 1777 "$cover"
  for each in "$work" "$root"; do
    case $each in
      "$1"/*)
        mkdir -p "$cover${each#"$1"}"
        mount --bind "$each" "$cover${each#"$1"}"
        ;;
    esac
  done
  mount --rbind "$cover" "$1"
  without_programs "$1"
}

# cover_host: /var/vcap, trusted certificates, users, /tmp and /var/tmp are the VM's own. All else of this machine can be read
# only.
cover_host() {
  local each
  mount --bind "$work" "$work"
  mkdir -p "$work/var" "$work/trusted"
  # A bind mount needs a folder to cover, and /var has no vcap: so it gets a /var with all that the real one has.
  for each in /var/*; do
    # Only a machine that is a BOSH VM itself, or on which somebody has ended a test by force, has one.
    [ "$each" != /var/vcap ] || continue
    if [ -d "$each" ] && [ ! -L "$each" ]; then
      mkdir "$work$each"
      mount --rbind "$each" "$work$each"
      mount -o remount,bind,ro "$work$each"
    else
      cp -P "$each" "$work$each"
    fi
  done
  mkdir "$work/var/vcap"
  mount --rbind "$work/var" /var
  cover_temporary /tmp
  cover_temporary /var/tmp
  mount --bind "$work/trusted" "$trusted_certificates"
  cp /etc/passwd /etc/group "$work"
  if ! getent passwd vcap >/dev/null; then
    echo 'vcap:x:1000:1000:BOSH System User:/home/vcap:/bin/bash' >>"$work/passwd"
    echo 'vcap:x:1000:' >>"$work/group"
  fi
  mount --bind "$work/passwd" /etc/passwd
  mount --bind "$work/group" /etc/group
  mount -o remount,bind,ro /
}

make_directories() {
  mkdir -p "$vcap"/{data/{sys/{run,log},jobs,packages,tmp},jobs,packages,store,monit/job,bosh/bin}
  ln -s data/sys "$vcap/sys"
  chown root:vcap $vcap/data/sys{,/run,/log}
  chmod 750 $vcap/data/sys{,/run,/log}
  # A stemcell's monit knows where its control file is.
  printf '#!/bin/sh\nexec monit -c %s/monit/monitrc "$@"\n' "$vcap" >"$vcap/bosh/bin/monit"
  chmod 0750 "$vcap/bosh/bin/monit"
}

# trust FILE...: what the Director trusts from now on. The BOSH agent leaves out the newline at the end.
trust() {
  local file number=0
  rm -f "$trusted_certificates"/bosh-trusted-cert-*.crt
  for file in "$@"; do
    number=$((number + 1))
    printf '%s' "$(cat "$file")" >"$trusted_certificates/bosh-trusted-cert-$number.crt"
  done
}

# run_script SCRIPT JOB: as the agent runs pre-start, post-start and drain; drain's number is in its stdout.log.
run_script() {
  local logs=$vcap/sys/log/$2/$1
  env -i PATH="$agent_path" "$vcap/jobs/$2/bin/$1" >>"$logs.stdout.log" 2>>"$logs.stderr.log"
}

# run_scripts SCRIPT: that of all jobs which have it, at the same time. Fails when one fails.
run_scripts() {
  local job pids=() pid failed=0
  for job in "$vcap"/jobs/*; do
    [ ! -x "$job/bin/$1" ] || { run_script "$1" "$(basename "$job")" & pids+=($!); }
  done
  for pid in "${pids[@]}"; do
    wait "$pid" || failed=1
  done
  return $failed
}

monit() {
  command monit -c "$vcap/monit/monitrc" "$@"
}

start_monit() {
  # As on a stemcell, but every second instead of every ten.
  cat >"$vcap/monit/monitrc" <<'RC'
set daemon 1
set logfile /var/vcap/monit/monit.log
set idfile /var/vcap/monit/id
set statefile /var/vcap/monit/state
set pidfile /var/vcap/monit/monit.pid
set httpd port 2822 and use address 127.0.0.1
  allow vcap:vcap
include /var/vcap/monit/job/*.monitrc
RC
  chmod 700 "$vcap/monit/monitrc"
  monit -t >/dev/null
  monit >/dev/null
  wait_until 20 "monit's start" services
}

status() {
  curl --silent --fail --user vcap:vcap 'http://127.0.0.1:2822/_status?format=xml'
}

# reload_monit: what is asked for before it has read its files would be lost, so the BOSH agent waits too.
reload_monit() {
  local before
  before=$(incarnation)
  monit reload >/dev/null
  wait_until 20 "monit's reload" reloaded_since "$before"
}

reloaded_since() {
  local now
  now=$(incarnation) && [ "$now" != "$1" ]
}

incarnation() {
  status | sed -n 's:.*<incarnation>\([0-9]*\)</incarnation>.*:\1:p' | grep .
}

# services: "NAME STATUS MONITORED KILOBYTES" of each process, as the BOSH agent asks for it.
services() {
  # shellcheck disable=SC2016 # it is Ruby
  status | ruby -rrexml/document -e '
    REXML::Document.new($stdin.read).elements.each("monit/service") do |service|
      next unless service.attributes["type"] == "3"
      puts %w[name status monitor memory/kilobytetotal].map { |path| service.elements[path]&.text || 0 }.join(" ")
    end'
}

# state JOB: running, failing, starting or unmonitored, by the BOSH agent's rule.
state() {
  services | awk -v job="$1" '$1 == job { print $3 == 0 ? "unmonitored" : $3 == 2 ? "starting" : $2 == 0 ? "running" : "failing" }'
}

is() { # JOB STATE
  [ "$(state "$1")" = "$2" ]
}

pid_of() {
  cat "$vcap/sys/run/bpm/$1/$1.pid" 2>/dev/null || cat "$vcap/sys/run/$1/$1.pid"
}

processes=(backup-manager backup-agent)

start_jobs() {
  local job
  monit start all
  for job in "${processes[@]}"; do
    wait_until 60 "the start of $job" is "$job" running
  done
}

# stop_jobs: unmonitor, drain, stop: as before each change.
stop_jobs() {
  local job
  monit unmonitor all
  for job in "${processes[@]}"; do
    wait_until 20 "monit's leaving $job alone" is "$job" unmonitored
  done
  run_scripts drain || die "a drain script failed"
  monit stop all
}

# deploy: what a deployment does with the jobs when manifest, release or trusted certificates have changed. Without
# post-start, which some steps expect to fail.
deploy() {
  stop_jobs
  render_jobs "${jobs[@]}"
  run_scripts pre-start || die "a pre-start script failed"
  reload_monit
  start_jobs
}

# reboot: every process of the VM is gone, and so is what lay in memory; nobody runs pre-start.
reboot() {
  local pids
  mapfile -t pids < <(cat "$vcap/monit/monit.pid" && ps -u vcap -o pid=)
  kill -KILL "${pids[@]}" 2>/dev/null || true
  wait_until 10 "the end of the processes" no_process_of_vcap
  rm -rf "$vcap/data/sys/run" $vcap/monit/{monit.pid,state}
  install -d -o root -g vcap -m 750 "$vcap/data/sys/run"
  start_monit
}

no_process_of_vcap() {
  [ -z "$(ps -u vcap -o pid=)" ]
}

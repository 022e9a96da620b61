#!/bin/bash
# What the jobs' scripts share. Sourced by them; every function takes the job's name first.

java=/var/vcap/packages/holdfast-java
scripts=/var/vcap/packages/holdfast-job-scripts

# A JVM into which no other process of the same user gets: they hold passwords and keys. (kill -QUIT still shows its threads.)
jvm=("$java/bin/java" -XX:+DisableAttachMechanism)

# The operators' command line, without its surroundings.
# shellcheck disable=SC2034 # for those who source this
holdfast_cli=(
  "${jvm[@]}" -Xmx64m -XX:+UseSerialGC --enable-native-access=ALL-UNNAMED
  -DZstdNativePath=/var/vcap/packages/holdfast-cli/native/libzstd-jni.so
  -cp '/var/vcap/packages/holdfast-cli/*' io.holdfast.cli.Main
)

# prepare_directories JOB USER DIRECTORY...: those that have to be there and belong to the process. After a reboot
# /var/vcap/sys/run is empty and pre-start does not run, so starting calls it too.
prepare_directories() {
  local job=$1 user=$2 directory
  shift 2
  for directory in "/var/vcap/sys/run/$job" "/var/vcap/sys/log/$job" "/var/vcap/data/$job" "$@"; do
    mkdir -p "$directory"
    chown "$user:vcap" "$directory"
    chmod 0750 "$directory"
  done
}

# trusted_certificates: the files in which the BOSH agent puts director.trusted_certs, one certificate each.
trusted_certificates() {
  local places=(/usr/local/share/ca-certificates /etc/pki/ca-trust/source/anchors) place
  for place in "${places[@]}"; do
    [ ! -d "$place" ] || find "$place" -maxdepth 1 -name 'bosh-trusted-cert-*.crt' -print0 | sort -zV
  done
}

# import_certificates KEYSTORE OPTION...: makes the Director's trusted certificates trusted in a keystore, and those that
# it had imported before and that are gone now not trusted. The keystore is replaced as a whole. Options: see
# io.holdfast.trust.Main.
import_certificates() {
  local keystore=$1
  shift
  local certificates=()
  mapfile -d '' -t certificates < <(trusted_certificates)
  "${jvm[@]}" -Xmx64m -XX:+UseSerialGC -XX:TieredStopAtLevel=1 -cp "$scripts/*" io.holdfast.trust.Main \
    --keystore "$keystore" "$@" -- ${certificates[@]+"${certificates[@]}"}
}

# own_keystore JOB USER ON_BROKEN: the job's own keystore, made from the runtime's. The package's stays as it is.
own_keystore() {
  local job=$1 user=$2 on_broken=$3 keystore=/var/vcap/data/$1/cacerts
  import_certificates "$keystore" --base "$java/lib/security/cacerts" --on-broken "$on_broken"
  chown "$user:vcap" "$keystore"
  chmod 0640 "$keystore"
}

# pid_of JOB: the process of a job that runs, or nothing. A pid that was given to another program since is not it.
pid_of() {
  local job=$1 pid file
  for file in "/var/vcap/sys/run/$job/$job.pid" "/var/vcap/sys/run/bpm/$job/$job.pid"; do
    pid=$(cat "$file" 2>/dev/null) || continue
    if tr '\0' ' ' 2>/dev/null <"/proc/$pid/cmdline" | grep -q -F "/var/vcap/jobs/$job/config/java.args"; then
      echo "$pid"
      return
    fi
  done
}

# start_java JOB USER ARGUMENT...: starts the job's JVM in the background. @config/java.args must be one of the arguments:
# the process is known again by it.
start_java() {
  local job=$1 user=$2
  shift 2
  if [ -n "$(pid_of "$job")" ]; then
    echo "$job runs already"
    return
  fi
  rm -f "/var/vcap/sys/run/$job/status"
  # glibc otherwise gives each thread an arena of its own, and keeps what was freed.
  export MALLOC_ARENA_MAX=1 MALLOC_MMAP_THRESHOLD_=131072 LANG=C.UTF-8
  (
    # setsid and setpriv become java, so the pid stays.
    echo "$BASHPID" >"/var/vcap/sys/run/$job/$job.pid"
    cd /
    exec setsid setpriv --reuid "$user" --regid vcap --init-groups \
      "$java/bin/java" "$@" \
      </dev/null >>"/var/vcap/sys/log/$job/$job.stdout.log" 2>>"/var/vcap/sys/log/$job/$job.stderr.log"
  ) &
}

# stop_java JOB SECONDS: asks the job's JVM to stop, and ends it when it has not after so many seconds.
stop_java() {
  local job=$1 seconds=$2 pid
  pid=$(pid_of "$job")
  if [ -n "$pid" ]; then
    kill -TERM "$pid" 2>/dev/null || true
    for ((i = 0; i < seconds * 5; i++)); do
      kill -0 "$pid" 2>/dev/null || break
      sleep 0.2
    done
    kill -KILL "$pid" 2>/dev/null && echo "$job did not stop within $seconds seconds and was killed" >&2
  fi
  rm -f "/var/vcap/sys/run/$job/$job.pid"
}

# while_stopped JOB SECONDS COMMAND...: does something while the job does not run, which has so many seconds to stop. Afterwards
# monit starts it again, unless it was told before not to run, as by bosh stop.
while_stopped() {
  local job=$1 seconds=$2 monit=/var/vcap/bosh/bin/monit unmonitored code=0
  shift 2
  unmonitored=$("$monit" summary | grep -w -F -- "$job" | grep -c -i 'not monitored' || true)
  if [ "$unmonitored" = 0 ]; then
    # Whatever ends this script, Ctrl-C too.
    # shellcheck disable=SC2064 # the job as it is now
    trap "'$monit' start '$job'" EXIT
    "$monit" stop "$job"
  else
    echo "$job was stopped before, and stays so"
  fi
  stop_java "$job" "$seconds"
  "$@" || code=$?
  return "$code"
}

# manager_task TASK OPTION...: has the manager's program do something beside serving, as its user: rebuild, restore-catalogue,
# backup-catalogue.
manager_task() {
  prepare_directories backup-manager vcap /var/vcap/store/backup-manager
  setpriv --reuid vcap --regid vcap --init-groups "$java/bin/java" @/var/vcap/jobs/backup-manager/config/java.args \
    "$@" /var/vcap/jobs/backup-manager/config/manager.json
}

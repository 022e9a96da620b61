#!/usr/bin/env bash
# From one release to the next while a job runs. Sourced by scripts/vm.d/inside; $work/release-before.tgz is the older one.
# shellcheck disable=SC2154 # its variables come from there

# shellcheck source=scripts/vm.d/holdfast.sh
. "$root/scripts/vm.d/holdfast.sh"

steps_upgrade() {
  cp "$work/release.tgz" "$work/release-after.tgz"
  cp "$work/release-before.tgz" "$work/release.tgz"
  lay_out
  older_release_works
  release_is_upgraded
}

version() {
  sed -n 's/^version: //p' "$work/release/release.MF" | tr -d '"'\'
}

older_release_works() {
  step "The older release: $(version)"
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

release_is_upgraded() {
  step "The next release is deployed while a backup runs"
  local packages=(holdfast-java holdfast-job-scripts holdfast-manager holdfast-agent holdfast-cli)
  # The Director compiles before it changes anything.
  cp "$work/release-after.tgz" "$work/release.tgz"
  rm -rf "$work/release" "$work/jobs"
  compile_packages "${packages[@]}"
  unpack_jobs
  begin_backup
  stop_jobs
  link_packages "${packages[@]}"
  render_jobs "${jobs[@]}"
  run_scripts pre-start || die "a pre-start script failed"
  reload_monit
  start_jobs
  run_scripts post-start || die "a post-start script fails"
  end_backup
  nothing_left
  newest_is .attempts 2 || die "the backup was over before the upgrade: choose a larger --size"
  api /agents | jq -e --arg version "$(version)" 'all(.version == $version)' >/dev/null ||
    die "the agent is not of the release $(version): $(api /agents)"
  [ "$("$holdfast" --version)" = "holdfast $(version)" ] || die "the command line is of $("$holdfast" --version)"
  sql 'DELETE FROM orders WHERE id % 3 = 0'
  "$holdfast" restore "$instance" 1 --yes
  [ "$(checksum)" = "$before_upgrade" ] || die "a backup of the older release does not restore"
  "$holdfast" backups "$instance" --json | jq -e 'last | .hold.reason == "before the upgrade"' >/dev/null || die "the hold is gone"
  shown "agents and manager are of $(version); the backup went on, and one of the older release restores"
}

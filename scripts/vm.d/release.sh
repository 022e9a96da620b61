#!/usr/bin/env bash
# From the release and the manifests to packages and jobs on the VM. Sourced by scripts/vm.d/inside.
# shellcheck disable=SC2154 # its variables come from there

# compile_packages PACKAGE...: runs each package's packaging script as on a compilation VM, and installs what it made as on another
# VM: packed, unpacked, and in another place.
compile_packages() {
  local name to from=$work/compile compiled=$vcap/data/compile
  mkdir -p "$work/release"
  tar -xzf "$work/release.tgz" -C "$work/release"
  for name in "$@"; do
    rm -rf "$from" "$compiled"
    # Each compilation in a folder of its own, as each fingerprint has one.
    mkdir -p "$from" "$compiled/$name" "$vcap/data/packages/$name"
    to=$vcap/data/packages/$name/$(($(find "$vcap/data/packages/$name" -mindepth 1 -maxdepth 1 | wc -l) + 1))
    mkdir "$to"
    tar -xzf "$work/release/packages/$name.tgz" -C "$from"
    (cd "$from" && env -i PATH="$agent_path" BOSH_PACKAGE_NAME="$name" BOSH_COMPILE_TARGET="$from" \
      BOSH_INSTALL_TARGET="$compiled/$name" bash -x packaging) >"$log/compile-$name.log" 2>&1 || die "$name does not compile"
    tar -C "$compiled/$name" -cf "$work/compiled.tar" .
    tar -xf "$work/compiled.tar" -C "$to"
    [ -e "$vcap/packages/$name" ] || ln -s "$to" "$vcap/packages/$name"
  done
  rm -rf "$from" "$compiled" "$work/compiled.tar"
}

# link_packages PACKAGE...: jobs find what was compiled last from now on.
link_packages() {
  local name
  for name in "$@"; do
    ln -sfn "$(find "$vcap/data/packages/$name" -mindepth 1 -maxdepth 1 | sort -V | tail -n 1)" "$vcap/packages/$name"
  done
}

unpack_jobs() {
  local archive name
  for archive in "$work"/release/jobs/*.tgz; do
    name=$(basename "$archive" .tgz)
    mkdir -p "$work/jobs/$name"
    tar -xzf "$archive" -C "$work/jobs/$name"
    # Its name in a release.
    mv "$work/jobs/$name/job.MF" "$work/jobs/$name/spec"
  done
}

instance=shop

# interpolate [OPS FILE...]: what `bosh deploy` would send to the Director; the ops files are for the service's manifest.
service_ops=()
manager_ops=("$root/manifests/ops/s3.yml" "$root/manifests/ops/policies.yml" "$root/scripts/vm.d/ops/manager.yml")
interpolate() {
  local ops=("$root/scripts/vm.d/ops/service.yml" ${service_ops[@]+"${service_ops[@]}"} "$@") bosh
  bosh=$("$root/scripts/lib/find-bosh")
  (
    umask 077
    cat >"$work/given.yml" <<YML
manager_address: ${manager_address:-127.0.0.1}
az: z1
network: default
vm_type: small
persistent_disk_type: small
instance_id: $instance
store_endpoint: "$(s3 endpoint)"
store_region: "$(s3 region)"
store_bucket: "$(s3 bucket)"
store_access_key_id: "$(s3 access_key)"
store_secret_access_key: "$(s3 secret_key)"
policies:
- {id: $instance, owner: data-services, retention: {daily: 30}}
- {id: shop-2, service: redis, schedule: {cron: 0 4 * * *, time_zone: Europe/Berlin}, exclude_from_auto_backup: true}
YML
    cat >>"$work/given.yml" <<<"${more_given:-}"
    "$bosh" int "$root/manifests/backup-manager.yml" "${manager_ops[@]/#/--ops-file=}" \
      -l "$work/given.yml" --vars-store "$work/variables.yml" --var-errs >"$work/manager.yml"
    "$bosh" int "$root/manifests/sample-service.yml" "${ops[@]/#/--ops-file=}" \
      -l "$work/given.yml" --vars-store "$work/variables.yml" --var-errs >"$work/service.yml"
  )
}

variable() {
  "$("$root/scripts/lib/find-bosh")" int "$work/variables.yml" --path "/$1"
}

# render_jobs JOB...: writes these jobs' files from the manifests that were interpolated last.
renderings=0
render_jobs() {
  local name rendered number=0
  renderings=$((renderings + 1))
  rendered=$work/rendered-$renderings
  ruby "$root/scripts/vm.d/render.rb" "$work/jobs" "$work/manager.yml" "$work/service.yml" "$rendered"
  for name in "$@"; do
    number=$((number + 1))
    mkdir -p "$vcap/data/jobs/$name" "$vcap"/{data,sys/run,sys/log}/"$name"
    chown root:vcap "$vcap"/{data,sys/run,sys/log}/"$name"
    chmod 770 "$vcap"/{data,sys/run,sys/log}/"$name"
    # Not so on a stemcell, but so under bpm: nobody is to rest on the difference.
    without_programs "$vcap/data/$name"
    cp -R "$rendered/$name" "$vcap/data/jobs/$name/$renderings"
    chown -R root:vcap "$vcap/data/jobs/$name/$renderings"
    chmod -R u=rwX,g=rX,o= "$vcap/data/jobs/$name/$renderings"
    [ ! -d "$vcap/data/jobs/$name/$renderings/bin" ] ||
      find "$vcap/data/jobs/$name/$renderings/bin" -type f -exec chmod 750 {} +
    ln -sfn "$vcap/data/jobs/$name/$renderings" "$vcap/jobs/$name"
    # An errand has a monit file as well, an empty one.
    install -m 700 "$rendered/$name/monit" "$vcap/monit/job/000${number}_$name.monitrc"
  done
  rm -rf "$rendered"
}

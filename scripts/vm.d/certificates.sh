#!/usr/bin/env bash
# Many trusted certificates, broken ones, and none. Sourced by scripts/vm.d/holdfast.sh.
# shellcheck disable=SC2154 # its variables come from there

# make_certificates COUNT: of COUNT authorities, with the names 1.pem and so on.
make_certificates() {
  local number
  mkdir -p "$work/many"
  openssl ecparam -name prime256v1 -genkey -noout -out "$work/many/key"
  for ((number = 1; number <= $1; number++)); do
    openssl req -x509 -new -key "$work/many/key" -subj "/CN=authority $number" -days 30 -out "$work/many/$number.pem"
  done
}

trusted_entries() {
  "$jdk/bin/keytool" -list -keystore "$vcap/data/backup-manager/cacerts" -storepass changeit 2>/dev/null |
    grep -c trustedCertEntry || true
}

certificates_are_many() {
  step "Trusted certificates: 150, a broken one among them, and none"
  local since stock errors=$vcap/sys/log/backup-manager/pre-start.stderr.log number

  trust
  run_scripts pre-start || die "pre-start fails without trusted certificates"
  stock=$(trusted_entries)

  make_certificates 150
  trust "$work"/many/*.pem
  since=$SECONDS
  run_scripts pre-start || die "pre-start fails"
  [ $((SECONDS - since)) -le 10 ] || die "150 certificates take $((SECONDS - since)) seconds"
  [ "$(trusted_entries)" = $((stock + 150)) ] || die "not all of them are trusted"
  shown "150 take $((SECONDS - since)) s in all jobs together, and are trusted beside the runtime's own $stock"

  number=77
  printf -- '-----BEGIN CERTIFICATE-----\nnothing\n-----END CERTIFICATE-----' >"$trusted_certificates/bosh-trusted-cert-$number.crt"
  : >"$errors"
  run_scripts pre-start || die "pre-start fails for a broken certificate"
  grep -F "bosh-trusted-cert-$number.crt" "$errors" | sed 's/^/  /' || die "the broken certificate is not named"
  [ "$(trusted_entries)" = $((stock + 149)) ] || die "the others are not trusted"
  interpolate "$root/scripts/vm.d/ops/fail-on-broken.yml"
  render_jobs "${jobs[@]}"
  ! run_script pre-start backup-agent || die "with on_broken: fail, pre-start passes"
  interpolate
  render_jobs "${jobs[@]}"
  shown "a broken one is named and left out, and with on_broken: fail it ends the deployment"

  trust
  run_scripts pre-start || die "pre-start fails without trusted certificates"
  [ "$(trusted_entries)" = "$stock" ] || die "certificates are still trusted that are gone"
  [ "$(sha256sum <"$vcap/packages/holdfast-java/lib/security/cacerts")" = "$runtime_hash" ] || die "the runtime's own keystore has changed"
  shown "none is good as well, and the keystore in the package has not changed"
}

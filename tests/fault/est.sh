# shellcheck shell=sh disable=SC2154,SC2034
# Profiles that enroll over EST. Source it after tests/interop/certctl.sh and devca.sh: start_est_ca sets $est_url, and
# new_profile takes the same arguments, with the password of the login as the challenge.

start_est_ca() { # NAME [SWITCH…]: as start_ca; sets $est_url too
  est_name=$1
  shift
  start_ca "$est_name" --est "${est_port:-0}" --est-retry-after 0 "$@"
  # shellcheck disable=SC2034
  est_url=$(cat "$ca/est-url")
}

new_profile() { # NAME URL FINGERPRINT PASSWORD [EXTRA [MORE]]
  (umask 077 && printf '%s\n' "$4" >"$site/password-$1")
  cat >"$site/profiles.d/$1.yaml" <<YAML
profile: $1
issuer:
  est:
    url: $2
    ca_fingerprint: $3
    user: router
    password: { file: $site/password-$1 }
${5:+    $5
}key: { file: {}, type: rsa, bits: 2048, rotate: always }
subject: /C=NZ/O=Test Org/CN=$1.example.test
san: [ "DNS:$1.example.test" ]
usage: [ digitalSignature, keyEncipherment, clientAuth ]
renew: 30% left
store: { scepclient: { path: $site/store-$1, keep: 3 } }
deliver:
  - settings: { file: $site/etc/settings.ipsec, set: { IPSEC_LOCAL_KEY: pkey, IPSEC_LOCAL_CERT: cert } }
${6:-}
YAML
  chmod 600 "$site/profiles.d/$1.yaml"
  store=$site/store-$1
}

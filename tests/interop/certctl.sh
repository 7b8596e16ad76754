# shellcheck shell=sh
# A certctl installation in a temporary directory for tests: configuration, one profile per call, and what to expect of
# the pair and of the settings file. Source it after peers/servers.sh; $work is the temporary directory.
: "${certctl:?the program under test}" "${plugin_directory:?its plugins}" "${work:?a temporary directory}"
# shellcheck disable=SC2034
failed=0

ok() { echo "ok - $1"; }

not_ok() { # NAME [DETAIL]
  echo "not ok - $1"
  [ $# -lt 2 ] || printf '%s\n' "$2" | sed 's/^/    /'
  # shellcheck disable=SC2034
  failed=1
}

check() { # NAME COMMAND…: the command succeeds
  name=$1
  shift
  if output=$("$@" 2>&1); then ok "$name"; else not_ok "$name" "$output"; fi
}

fingerprint_of() { # CERTIFICATE: as profiles have it
  openssl x509 -in "$1" -noout -fingerprint -sha256 | sed 's/://g; s/.*=/sha256:/' | tr A-F a-f
}

# A root directory with certctl.yaml, an empty settings file with neighbours, and no profile.
new_site() { # NAME
  site=$work/$1
  mkdir -p "$site/profiles.d" "$site/etc"
  chmod 700 "$site"
  cat >"$site/certctl.yaml" <<YAML
schema: 1
state: $site/state
locks: $site/locks
profiles: profiles.d
plugins: [ $plugin_directory ]
allow_volatile: true
YAML
  cat >"$site/etc/settings.ipsec" <<'SETTINGS'
# made by hand, keep
IPSEC_ENABLED=1
IPSEC_REMOTE_IPADDR=192.0.2.7
IPSEC_LOCAL_KEY=
IPSEC_LOCAL_CERT=
IPSEC2_LOCAL_KEY=untouched
IPSEC2_DESCRIPTION="second tunnel, off"
SETTINGS
  cp "$site/etc/settings.ipsec" "$site/settings.before"
}

# profiles.d/NAME.yaml, delivered into the settings file. EXTRA: lines of the issuer's map; MORE: lines of the profile.
new_profile() { # NAME URL FINGERPRINT CHALLENGE [EXTRA [MORE]]
  (umask 077 && printf '%s\n' "$4" >"$site/challenge-$1")
  cat >"$site/profiles.d/$1.yaml" <<YAML
profile: $1
issuer:
  scep:
    url: $2
    ca_fingerprint: $3
    challenge: { file: $site/challenge-$1 }
${5:+    $5
}key: { file: {}, type: rsa, bits: 2048, rotate: always }
subject: /C=NZ/O=Test Org/CN=$1.example.test
san: [ "DNS:$1.example.test" ]
renew: 30% left
store: { scepclient: { path: $site/store-$1, keep: 3 } }
deliver:
  - settings: { file: $site/etc/settings.ipsec, set: { IPSEC_LOCAL_KEY: pkey, IPSEC_LOCAL_CERT: cert } }
${6:-}
YAML
  chmod 600 "$site/profiles.d/$1.yaml"
  store=$site/store-$1
}

run() { # ARGUMENT…: certctl; leaves $exit_code, $site/out, $site/err
  exit_code=0
  "$certctl" --config "$site/certctl.yaml" "$@" >"$site/out" 2>"$site/err" || exit_code=$?
}

exits() { # NAME CODE ARGUMENT…
  name=$1
  expected=$2
  shift 2
  run "$@"
  if [ "$exit_code" -eq "$expected" ]; then
    ok "$name"
  else
    not_ok "$name: exit $exit_code, not $expected" "$(cat "$site/out" "$site/err")"
  fi
}

says() { # NAME PATTERN: the last run said so
  if cat "$site/out" "$site/err" | grep -qi -- "$2"; then ok "$1"; else not_ok "$1: /$2/ is not in" "$(cat "$site/out" "$site/err")"; fi
}

serial() { openssl x509 -in "$store/latest.crt" -noout -serial | sed 's/.*=//'; }

same_key() { # latest.key and latest.crt
  [ -s "$store/latest.crt" ] && [ -s "$store/latest.key" ] &&
    [ "$(openssl x509 -in "$store/latest.crt" -noout -pubkey)" = "$(openssl pkey -in "$store/latest.key" -pubout)" ]
}

files_named_by_serial() {
  [ "$(readlink -f "$store/latest.crt")" = "$(readlink -f "$store")/$(serial).crt" ] &&
    [ "$(readlink -f "$store/latest.key")" = "$(readlink -f "$store")/$(serial).key" ] &&
    [ "$(stat -c %a "$store/$(serial).key")" = 600 ]
}

setting() { # NAME: its value in the settings file, decoded
  sed -n "s/^$1=//p" "$site/etc/settings.ipsec" | base64 -d
}

# The settings file holds latest.*, and every other line is as it was.
settings_hold_the_pair() {
  [ -s "$store/latest.crt" ] && [ -s "$store/latest.key" ] &&
    setting IPSEC_LOCAL_CERT >"$site/settings.crt" && setting IPSEC_LOCAL_KEY >"$site/settings.key" &&
    [ "$(openssl x509 -in "$site/settings.crt" -noout -fingerprint -sha256)" = \
      "$(openssl x509 -in "$store/latest.crt" -noout -fingerprint -sha256)" ] &&
    [ "$(openssl pkey -in "$site/settings.key" -pubout)" = "$(openssl pkey -in "$store/latest.key" -pubout)" ]
}

settings_keep_the_rest() {
  sed 's/^\(IPSEC_LOCAL_KEY\|IPSEC_LOCAL_CERT\)=.*/\1=/' "$site/etc/settings.ipsec" | cmp - "$site/settings.before"
}

no_strays() { # nothing half-written is left in the store, the state or beside the settings
  strays=$(find "$site" \( -name '*.tmp*' -o -name '.*.tmp*' -o -name '*.new' -o -name '*~' \) -print)
  [ -z "$strays" ] || { echo "$strays"; return 1; }
}

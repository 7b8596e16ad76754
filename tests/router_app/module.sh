# shellcheck shell=sh
# A module directory in a temporary directory, as the router has it in /opt/scepClient. Source it after
# tests/interop/certctl.sh; $work is the temporary directory, $source the root of the tree.
: "${certctl:?the program under test}" "${plugin_directory:?its plugins}" "${work:?a temporary directory}" "${source:?}"

new_module() { # NAME
  site=$work/$1
  module=$site/scepClient
  store=$site/store
  mkdir -p "$site/etc"
  chmod 700 "$site"
  cp -R "$source/framework/compat/router_app/module" "$module"
  for program in certctl scep_replace_pem; do ln -s "$(dirname -- "$(realpath "$certctl")")/$program" "$module/bin/$program"; done
  cat >"$module/etc/certctl.yaml" <<YAML
schema: 1
state: $site/state
locks: $site/locks
profiles: $module/etc/profiles.d
plugins: [ $(realpath "$plugin_directory") ]
allow_volatile: true
device_serial: { text: ACZ1100002516992 }
YAML
  cp "$module/etc/certctl.yaml" "$site/certctl.yaml"
  cat >"$site/etc/settings.ipsec" <<'SETTINGS'
IPSEC_ENABLED=1
IPSEC_LOCAL_KEY=
IPSEC_LOCAL_CERT=
IPSEC2_LOCAL_KEY=untouched
SETTINGS
  cp "$site/etc/settings.ipsec" "$site/settings.before"
  SCEPCLIENT_STORE=$store
  export SCEPCLIENT_STORE
  # The restart of the old script; it says that it ran, and returns 0 whatever happened before.
  printf '#!/bin/sh\necho restart >>%s/restarts\n' "$site" >"$site/etc/ipsec"
  chmod 700 "$site/etc/ipsec"
}

set_item() { # NAME VALUE: as the page writes it
  sed -i "/^MOD_SCEPCLIENT_$1=/d" "$module/etc/settings"
  printf "MOD_SCEPCLIENT_%s='%s'\n" "$1" "$2" >>"$module/etc/settings"
}

check_cert() { # with the sh of a router; leaves $exit_code, $site/out, $site/err
  exit_code=0
  busybox sh "$module/bin/check-cert.sh" >"$site/out" 2>"$site/err" || exit_code=$?
}

check_cert_exits() { # NAME CODE
  check_cert
  if [ "$exit_code" -eq "$2" ]; then ok "$1"; else not_ok "$1: exit $exit_code, not $2" "$(cat "$site/out" "$site/err")"; fi
}

lines_are() { # NAME LINE1 LINE2
  "$module/bin/certctl" --config "$module/etc/certctl.yaml" status --router-app >"$site/lines" 2>"$site/lines.err" || true
  if [ "$(cat "$site/lines")" = "$2
$3" ]; then ok "$1"; else not_ok "$1" "$(cat "$site/lines" "$site/lines.err")"; fi
}

wait_until() { # SECONDS COMMAND…
  rounds=$(($1 * 10))
  shift
  while ! "$@" >/dev/null 2>&1; do
    rounds=$((rounds - 1))
    [ "$rounds" -gt 0 ] || return 1
    sleep 0.1
  done
}

#!/bin/sh
# Renews the certificate of the router app SCEP Client if it is due, asks for an open request, pays debts of delivery.
# For /var/scripts/crontab, for the init script, and by hand. Without arguments.
# exit codes: those of `certctl renew`; 0 when automation is off; 2 when the settings or the configuration are wrong
set -u
if [ $# -ne 0 ]; then
  echo "usage: check-cert.sh (without arguments)" >&2
  exit 2
fi
here=$(dirname -- "$(readlink -f -- "$0")")
module=${here%/*}
certctl=$here/certctl
CERTCTL_CONFIG=${CERTCTL_CONFIG:-$module/etc/certctl.yaml}
export CERTCTL_CONFIG
settings=$module/etc/settings

# The value of one item, read in a shell of its own: a mistake in the file ends only that.
item() { # NAME DEFAULT
  # shellcheck disable=SC1090
  (. "$settings" >/dev/null 2>&1 </dev/null; eval "printf '%s' \"\${MOD_SCEPCLIENT_$1:-$2}\"")
}

wait=60
imported=0
if [ -e "$settings" ]; then
  # Before the import: with automation off, nothing is wrong with an empty Server URL.
  [ "$(item ENABLED 0)" = 1 ] || exit 0
  # A slip in the settings must not let the certificate expire: the profile of the last import goes on.
  "$certctl" import "$settings" --write || imported=2
  wait=$(item MAX_AWAIT_RESULT 60)
  case $wait in
    '' | *[!0-9]*) wait=60 ;;
  esac
fi

set -- --quiet renew
[ "$wait" -eq 0 ] || set -- "$@" "--wait=${wait}m"
# certctl takes the place of this script: who ends it, ends certctl.
[ "$imported" -ne 0 ] || exec "$certctl" "$@"
"$certctl" "$@"
exit "$imported"

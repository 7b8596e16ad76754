# shellcheck shell=sh disable=SC2154
# A development CA for fault tests, and what they ask of it. Source it after tests/interop/certctl.sh; $work is the
# temporary directory, $devca the program.
: "${devca:?the development CA}" "${work:?a temporary directory}"

start_ca() { # NAME [SWITCH…]: on port $ca_port, or a free one; sets $ca, $ca_pid, $ca_url, $ca_pin
  ca=$work/$1
  shift
  "$devca" serve --state "$ca" --port "${ca_port:-0}" "$@" >"$ca.out" 2>"$ca.err" &
  ca_pid=$!
  tries=0
  while [ ! -s "$ca/url" ]; do
    tries=$((tries + 1))
    if [ "$tries" -gt 100 ] || ! kill -0 "$ca_pid" 2>/dev/null; then
      echo "the development CA does not start:" >&2
      cat "$ca.out" "$ca.err" >&2
      exit 1
    fi
    sleep 0.1
  done
  # shellcheck disable=SC2034
  ca_url=$(cat "$ca/url")
  # shellcheck disable=SC2034
  ca_pin=$(cat "$ca/fingerprint")
}

stop_ca() {
  [ -z "${ca_pid:-}" ] || kill "$ca_pid" 2>/dev/null || true
  [ -z "${ca_pid:-}" ] || wait "$ca_pid" 2>/dev/null || true
  ca_pid=
}

requests() { # TYPE: how many messages of a type arrived
  "$devca" requests --state "$ca" --type "$1" --count
}

all_requests() { "$devca" requests --state "$ca" --count; }

pair() { # the active pair as a hash; empty when there is none
  [ -e "$store/latest.crt" ] || return 0
  cat "$store/latest.crt" "$store/latest.key" | sha256sum
}

json() { # PYTHON-EXPRESSION over the last run's output as `j`
  python3 -c 'import json,sys; j=json.load(open(sys.argv[1])); p=(j.get("profiles") or [{}])[0]; print(eval(sys.argv[2]))' "$site/out" "$1"
}

json_is() { # NAME EXPRESSION VALUE
  found=$(json "$2" 2>&1) || true
  if [ "$found" = "$3" ]; then ok "$1"; else not_ok "$1: $2 is $found, not $3"; fi
}

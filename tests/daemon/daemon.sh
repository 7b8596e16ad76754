# shellcheck shell=sh
# A daemon for tests, and questions to its socket. Source it after certctl.sh and devca.sh.
: "${certctl:?the program under test}" "${site:?a site}"
engine_socket=

# SWITCH…: starts `certctl serve` for $site; sets $daemon_pid and $engine_socket.
start_daemon() {
  engine_socket=$site/run/engine.sock
  "$certctl" --config "$site/certctl.yaml" serve --socket "$engine_socket" --device test "$@" >>"$site/daemon.log" 2>&1 &
  daemon_pid=$!
  until_true "the daemon listens" 300 test -S "$engine_socket"
}

stop_daemon() { # leaves $daemon_exit
  daemon_exit=0
  [ -n "${daemon_pid:-}" ] || return 0
  kill "$daemon_pid" 2>/dev/null || true
  # shellcheck disable=SC2034
  wait "$daemon_pid" || daemon_exit=$?
  daemon_pid=
}

# JSON: sends one request and prints the lines of the answer.
ask() {
  python3 - "$engine_socket" "$1" <<'PY'
import socket, sys, json
s = socket.socket(socket.AF_UNIX)
s.settimeout(120)
s.connect(sys.argv[1])
s.sendall(sys.argv[2].encode() + b"\n")
for line in s.makefile("r"):
    sys.stdout.write(line)
    if "result" in json.loads(line):
        break
PY
}

# REQUEST PYTHON-EXPRESSION over the result as `r`
asked() {
  ask "$1" >"$site/answer" || { echo "no answer"; return 0; }
  python3 -c 'import json,sys; r=json.loads(open(sys.argv[1]).readlines()[-1])["result"]; print(eval(sys.argv[2]))' "$site/answer" "$2"
}

answers() { # NAME REQUEST EXPRESSION VALUE
  found=$(asked "$2" "$3" 2>&1)
  if [ "$found" = "$4" ]; then ok "$1"; else not_ok "$1: '$found', not '$4'" "$(cat "$site/answer")"; fi
}

# NAME TENTHS COMMAND…: it succeeds within so many tenths of a second
until_true() {
  name=$1
  tenths=$2
  shift 2
  while ! "$@" >/dev/null 2>&1; do
    tenths=$((tenths - 1))
    if [ "$tenths" -lt 0 ]; then
      not_ok "$name" "$(tail -n 20 "$site/daemon.log" 2>/dev/null)"
      return 0
    fi
    sleep 0.1
  done
  ok "$name"
}

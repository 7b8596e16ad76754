# shellcheck shell=sh disable=SC2154,SC2317
# certmonger's daemon on a session bus of its own, with its files in the temporary directory. It makes keys and messages,
# and sends them by scep-submit; MONITORING is its word for a certificate that is kept alive.
need_program certmonger certmonger
need_program getcert certmonger
need_program dbus-run-session dbus-daemon
need_program dbus-send dbus-bin
if [ -z "${CERTCTL_TEST_BUS:-}" ]; then
  # Once more, with a bus: the daemon and getcert find each other there. All its files lie in $HOME, also if somebody asks
  # for the daemon before we have started it.
  rm -rf "$work"
  HOME=$(mktemp -d)
  for folder in CONFIG_DIR REQUESTS_DIR CAS_DIR LOCAL_CA_DIR TMPDIR; do
    mkdir -p "$HOME/$folder"
    export "CERTMONGER_$folder=$HOME/$folder"
  done
  export HOME CERTCTL_TEST_BUS=yes
  exec dbus-run-session -- "$matrix/peer" "$@"
fi
trap 'stop_ca; stop_servers; rm -rf "$work" "$HOME"' EXIT
trap 'exit 1' INT TERM
# shellcheck source=tests/interop/matrix/foreign_client.sh
. "$matrix/foreign_client.sh"

certmonger -s -n -B >"$HOME/log" 2>&1 &
server_pids="$server_pids $!"
tries=0
until dbus-send --session --print-reply --dest=org.freedesktop.DBus / org.freedesktop.DBus.NameHasOwner \
  string:org.fedorahosted.certmonger 2>/dev/null | grep -q true; do
  tries=$((tries + 1))
  [ "$tries" -lt 300 ] || die "certmonger does not answer: $(cat "$HOME/log")"
  sleep 0.1
done

gets_ca_certificates() { # NAME: the daemon has asked the CA for its certificates and shows one
  tries=0
  until getcert list-cas -s -c "$1" | grep -q 'CA certificate thumbprint'; do
    tries=$((tries + 1))
    [ "$tries" -lt 300 ] || { getcert list-cas -s -c "$1"; return 1; }
    sleep 0.1
  done
  asked GetCACert
}
knows_ca() { # NAME URL: with the files that an operator hands out
  /usr/lib/certmonger/scep-submit -u "$ca_url" -C >"$clients/$1-set.pem" &&
    openssl x509 -in "$clients/$1-set.pem" -out "$clients/$1-first.pem" &&
    getcert add-scep-ca -s -c "$1" -u "$2" -r "$clients/$1-first.pem" -N "$ca/top.crt" -R "$ca/top.crt" -I "$clients/$1-set.pem" &&
    gets_ca_certificates "$1"
}
status_of() { # NAME
  getcert list -s -f "$clients/$1.pem" | sed -n 's/^[[:space:]]*status: //p'
}
ca_error_of() { getcert list -s -f "$clients/$1.pem" | sed -n 's/^[[:space:]]*ca-error: //p'; } # NAME
reaches() { # NAME STATUS
  tries=0
  until [ "$(status_of "$1")" = "$2" ]; do
    tries=$((tries + 1))
    [ "$tries" -lt 600 ] || { getcert list -s -f "$clients/$1.pem"; return 1; }
    sleep 0.1
  done
}
request() { # CA NAME CHALLENGE
  getcert request -s -c "$1" -k "$clients/$2.key" -f "$clients/$2.pem" -N "CN=$2,O=Test Org,C=NZ" -L "$3"
}
enrolls() { request "$ca_name" dev secret123 && reaches dev MONITORING && is_of_this_ca dev; }
another_certificate() { # COMMAND…: of the file dev.pem
  before_serial=$(serial_of "$clients/dev.pem")
  before_key=$(key_of "$clients/dev.pem")
  "$@" -s -f "$clients/dev.pem" || return 1
  tries=0
  while [ "$(serial_of "$clients/dev.pem")" = "$before_serial" ]; do
    tries=$((tries + 1))
    [ "$tries" -lt 600 ] || { getcert list -s; return 1; }
    sleep 0.1
  done
  reaches dev MONITORING && is_of_this_ca dev
}
renews() { another_certificate getcert resubmit && [ "$(key_of "$clients/dev.pem")" = "$before_key" ]; }
rekeys() { another_certificate getcert rekey && [ "$(key_of "$clients/dev.pem")" != "$before_key" ]; }
is_refused() { # NAME PATTERN COMMAND…: what the daemon shows of the refusal
  refused_name=$1
  pattern=$2
  shift 2
  "$@" || return 1
  tries=0
  until ca_error_of "$refused_name" | grep -q -e "$pattern"; do
    tries=$((tries + 1))
    [ "$tries" -lt 300 ] || { getcert list -s; return 1; }
    sleep 0.2
  done
}
waits() {
  request "$ca_name" waiting secret123 && reaches waiting CA_WORKING || return 1
  "$devca" approve --state "$ca" --all && getcert refresh -s -f "$clients/waiting.pem" && reaches waiting MONITORING &&
    is_of_this_ca waiting
}
asks_again() { # the first answer was lost
  issued_before=$(certificates_issued)
  request "$ca_name-lossy" doubt secret123 && reaches doubt CA_UNREACHABLE && getcert refresh -s -f "$clients/doubt.pem" &&
    reaches doubt MONITORING && is_of_this_ca doubt && [ "$(($(certificates_issued) - issued_before))" -eq 1 ]
}

certmonger_rows() { # PEER CA-NAME SWITCH…
  peer=$1
  ca_name=$2
  shift 2
  rm -rf "$clients"
  mkdir -p "$clients"
  start_ca "$ca_name" --challenge secret123 "$@"
  passes "$peer" "CA certificates" knows_ca "$ca_name" "$ca_url"
  passes "$peer" enroll enrolls
  passes "$peer" caps asked GetCACaps
  passes "$peer" renew renews
  passes "$peer" rekey rekeys
  passes "$peer" "wrong challenge" is_refused wrong 'not permitted' request "$ca_name" wrong "not it"
  start_lossy_proxy "$work/lossy-$ca_name" "$ca_url" 1
  knows_ca "$ca_name-lossy" "$proxy_url" >/dev/null
  passes "$peer" "in doubt" asks_again
  stop_server "$proxy_pid"
  lacks_lookups "$peer" "unrecognized" getcert ""
  "$devca" revoke --state "$ca" "$(serial_of "$clients/dev.pem")" >/dev/null
  passes "$peer" revoked is_refused dev 'failure code "4"' getcert resubmit -s -f "$clients/dev.pem"
  stop_ca
  ca_name=$ca_name-manual
  start_ca "$ca_name" --challenge secret123 --approval manual "$@"
  knows_ca "$ca_name" "$ca_url" >/dev/null
  passes "$peer" pending waits
  for name in dev wrong doubt waiting; do getcert stop-tracking -s -f "$clients/$name.pem" >/dev/null; done
  stop_ca
}
certmonger_rows certmonger lab
certmonger_rows "certmonger RA" ra --ra one

# shellcheck shell=sh disable=SC2154,SC2034,SC2317
# Our client over EST: at the development CA in three shapes, and at a server that shares no code with it.
need_program python3 python3
# shellcheck source=tests/interop/matrix/est_at.sh
. "$matrix/est_at.sh"

last() { # FIELD: of the last request at the development CA
  "$devca" requests --state "$ca" | grep '"type"' | tail -n 1 | python3 -c 'import json,sys; print(json.loads(input()).get(sys.argv[1]))' "$1"
}
was_asked() { [ "$(last type) $(last signer)" = "$1 issued" ]; }
asks_for_wishes() { # the request is signed with the digest that the CA wishes
  grep -q '"operation":"csrattrs"' "$ca/requests.log" &&
    sed -n 's/.*"csr": *"\([^"]*\)".*/\1/p' "$ca"/transactions/*.json | base64 -d | openssl req -inform DER -noout -text | grep -i 'Signature Algorithm.*SHA384'
}
loses_the_answer() { "$devca" fault --state "$ca" est/drop-success; }
keeps_the_answer() { "$devca" fault --state "$ca"; }

at_devca() { # PEER SWITCH…
  devca_peer=$1
  devca_state=$(printf '%s' "$1" | tr ' ' -)
  shift
  start_est_ca "$devca_state" --challenge secret123 --est-wish sha384 "$@"
  ca_certificate=$ca/top.crt
  server_url=$est_url
  est_at "$devca_peer"
  finishes_in_doubt "$devca_peer" loses_the_answer keeps_the_answer certificates_issued
  store=$site/store-$profile
  if grep -q "^$devca_peer|CRL|pass" "$cells"; then
    passes "$devca_peer" revoked revoked_is_replaced
  else
    sed -n "s/^$devca_peer|CRL|/$devca_peer|revoked|/p" "$cells" >"$work/revoked"
    cat "$work/revoked" >>"$cells"
  fi
  stop_ca
  start_est_ca "$devca_state-manual" --challenge secret123 --approval manual "$@"
  ca_certificate=$ca/top.crt
  server_url=$est_url
  pin=$(fingerprint_of "$ca_certificate")
  waits_for_a_certificate "$devca_peer" "$devca" approve --state "$ca" --all
  stop_ca
}
renewal=simplereenroll
at_devca "EST devca" --next-ca --crl-address self
at_devca "EST devca digest" --chain --est-login digest --crl-address self
profile_changes='s/type: rsa, bits: 2048/type: ec, curve: P-256/'
renewal=simpleenroll
at_devca "EST devca EC" --ca-key ec:P-256 --est-no-reenroll --crl-address self
profile_changes=

start_python() { # NAME SWITCH…: sets $server_url, $ca_certificate, $foreign
  foreign=$work/$1
  shift
  python3 "$matrix/../../../enrollers/est/openssl_est_server" "$foreign" --user router --password secret123 "$@" >"$work/python.log" 2>&1 &
  server_pid=$!
  server_pids="$server_pids $server_pid"
  first_word_of "$foreign/url" 300 || die "$(cat "$work/python.log")"
  server_url=$(cat "$foreign/url")
  ca_certificate=$foreign/ca.crt
}
was_asked() { [ "$(tail -n 1 "$foreign/log")" = "$1 $2" ]; }
asks_for_wishes() { grep -q '^csrattrs' "$foreign/log"; }
python_issued() { find "$foreign" -name '*.crt' ! -name ca.crt ! -name tls.crt | wc -l; }
peer="EST Python"
renewal=simplereenroll
start_python issues
est_at "$peer"
sed -n "s/^$peer|CRL|/$peer|revoked|/p" "$cells" >"$work/revoked"
cat "$work/revoked" >>"$cells"
sed -i "s/^$peer|wishes|pass|$/$peer|wishes|pass|HTTP 204: it wishes nothing/" "$cells"
stop_server "$server_pid"
start_python loses --lose 1
pin=$(fingerprint_of "$ca_certificate")
finishes_in_doubt "$peer" : : python_issued
stop_server "$server_pid"
start_python waits --wait 2
pin=$(fingerprint_of "$ca_certificate")
waits_for_a_certificate "$peer" :
stop_server "$server_pid"

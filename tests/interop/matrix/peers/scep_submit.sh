# shellcheck shell=sh disable=SC2154,SC2317
# certmonger's helper scep-submit, alone: strict about content types, nonces, attributes and content. It sends messages
# that are given to it; strongSwan's pki makes them, and they go nowhere else before.
submit=/usr/lib/certmonger/scep-submit
need_program "$submit" certmonger
need_program pki strongswan-pki
# shellcheck source=tests/interop/matrix/foreign_client.sh
. "$matrix/foreign_client.sh"

record() { # NAME OPTION…: the message that pki would send becomes NAME.msg
  recorded=$clients/$1.msg
  recording_key=$clients/$1.key
  [ -s "$recording_key" ] || pki --gen --type rsa --size 2048 --outform pem >"$recording_key" 2>/dev/null
  shift
  start_lossy_proxy "$recorded.d" "$ca_url" all
  pki --scep --url "$proxy_url" --in "$recording_key" --dn "C=NZ, O=Test Org, CN=dev" --cacert-enc "$ca/ca.crt" \
    --cacert-sig "$ca/ca.crt" --cacert "$ca/ca.crt" "$@" >/dev/null 2>&1 || true
  stop_server "$proxy_pid"
  as_pkcs7 "$recorded.d/1.der" >"$recorded"
}
as_pkcs7() { # FILE.der
  echo "-----BEGIN PKCS7-----"
  base64 -w 64 "$1"
  echo "-----END PKCS7-----"
}
send() { # OPTION NAME: exit 0 issued, 1 pending, 2 refused, 3 not understood
  "$submit" -u "$ca_url" -r "$ca/ca.crt" -N "$ca/ca.crt" "$1" "$clients/$2.msg" >"$clients/$2.reply" 2>"$clients/$2.err"
}
ends_with() { # CODE COMMAND…
  expected_code=$1
  shift
  code=0
  "$@" || code=$?
  [ "$code" -eq "$expected_code" ] || { echo "exit $code, not $expected_code"; cat "$clients"/*.err; return 1; }
}
is_issued() { # NAME SIGNER: what it prints is the envelope, to the one who signed, with a certificate for the key
  send -p "$1" || { cat "$clients/$1.err"; return 1; }
  openssl cms -decrypt -inform PEM -in "$clients/$1.reply" -inkey "$clients/$2.key" -out "$clients/$1.p7" || return 1
  openssl pkcs7 -inform DER -in "$clients/$1.p7" -print_certs -out "$clients/$1.pem" && belongs_to "$clients/$1.pem" "$clients/$1.key"
}
gets_capabilities() { "$submit" -u "$ca_url" -c | grep -x SCEPStandard; }
gets_ca_certificates() {
  "$submit" -u "$ca_url" -C >"$clients/set.pem" && [ "$(fingerprint_of "$clients/set.pem")" = "$ca_pin" ]
}
enrolls() {
  record first --password secret123
  is_issued first first
}
renewal() { # NAME: signed with the first pair
  record "$1" --cert "$clients/first.pem" --key "$clients/first.key"
}
renews() {
  cp "$clients/first.key" "$clients/second.key"
  renewal second
  is_issued second first && [ "$(serial_of "$clients/second.pem")" != "$(serial_of "$clients/first.pem")" ]
}
rekeys() {
  renewal third
  is_issued third first
}
is_refused() { # NAME
  ends_with 2 send -p "$1"
}
gets_the_same() { # the same message again
  before=$(certificates_issued)
  is_issued first first && [ "$(certificates_issued)" -eq "$before" ]
}
waits() {
  record waiting --password secret123
  ends_with 1 send -p waiting || return 1
  # A poll of pki's, whose request came through.
  start_lossy_proxy "$work/polls" "$ca_url" 0
  cp "$clients/waiting.key" "$clients/polled.key"
  pki --scep --url "$proxy_url" --in "$clients/polled.key" --dn "C=NZ, O=Test Org, CN=dev" --cacert-enc "$ca/ca.crt" \
    --cacert-sig "$ca/ca.crt" --cacert "$ca/ca.crt" --password secret123 --interval 1 --maxpolltime 1 >/dev/null 2>&1 || true
  stop_server "$proxy_pid"
  as_pkcs7 "$work/polls/2.der" >"$clients/polled.msg"
  ends_with 1 send -g polled || return 1
  "$devca" approve --state "$ca" --all
  ends_with 0 send -g polled
}

start_ca scep-submit --challenge secret123 --capabilities "$preset"
passes scep-submit caps gets_capabilities
passes scep-submit "CA certificates" gets_ca_certificates
passes scep-submit enroll enrolls
passes scep-submit "in doubt" gets_the_same
passes scep-submit renew renews
passes scep-submit rekey rekeys
record wrong --password "not it"
passes scep-submit "wrong challenge" is_refused wrong
lacks_lookups scep-submit "^Usage: scep-submit" "$submit" --
renewal late
"$devca" revoke --state "$ca" "$(serial_of "$clients/first.pem")" >/dev/null
passes scep-submit revoked is_refused late
stop_ca
start_ca scep-submit-manual --challenge secret123 --approval manual --capabilities "$preset"
passes scep-submit pending waits
stop_ca

# shellcheck shell=sh disable=SC2154,SC2317
# strongSwan's pki over EST: takes requests that openssl made; polls by itself, asks nothing beside.
need_program pki strongswan-pki
# shellcheck source=tests/interop/matrix/foreign_client.sh
. "$matrix/foreign_client.sh"
# shellcheck source=tests/fault/est.sh
. "$matrix/../../fault/est.sh"
peer="EST strongSwan"

new_request() { # NAME
  [ -s "$clients/$1.key" ] || openssl genrsa -out "$clients/$1.key" 2048 2>/dev/null
  openssl req -new -key "$clients/$1.key" -subj "/C=NZ/O=Test Org/CN=dev" -outform DER -out "$clients/$1.der"
}
est() { # NAME OPTION…: NAME.pem for NAME.key
  est_name=$1
  shift
  pki --est --url "$est_url" --in "$clients/$est_name.der" --cacert "$ca/ca.crt" --outform pem "$@" >"$clients/$est_name.new" &&
    mv "$clients/$est_name.new" "$clients/$est_name.pem"
}
enroll_with() { # NAME PASSWORD [OPTION…]
  with=$1
  password=$2
  shift 2
  new_request "$with" && est "$with" --userpass "router:$password" "$@"
}
gets_ca_certificates() {
  pki --estca --url "$est_url" --cacert "$ca/ca.crt" --caout "$clients/set.pem" --outform pem --force &&
    [ "$(fingerprint_of "$clients/set.pem")" = "$ca_pin" ]
}
enrolls() { enroll_with dev secret123 && is_of_this_ca dev; }
keep_pair() { cp "$clients/dev.pem" "$clients/old.pem" && cp "$clients/dev.key" "$clients/old.key"; }
another_certificate() { # as the kept one, by simplereenroll
  new_request dev && est dev --cert "$clients/old.pem" --key "$clients/old.key" && is_of_this_ca dev && asked simplereenroll &&
    [ "$(serial_of "$clients/dev.pem")" != "$(serial_of "$clients/old.pem")" ]
}
renews() { keep_pair && another_certificate; }
rekeys() {
  keep_pair && rm "$clients/dev.key" && another_certificate && [ "$(key_of "$clients/dev.pem")" != "$(key_of "$clients/old.pem")" ]
}
waits() {
  approve_when_it_waits &
  approving=$!
  enroll_with waiting secret123 --interval 1 --maxpolltime 60 && wait "$approving" && is_of_this_ca waiting
}
finishes() {
  issued_before=$(certificates_issued)
  "$devca" fault --state "$ca" est/drop-success
  enroll_with doubt secret123
  "$devca" fault --state "$ca"
  est doubt --userpass router:secret123 && is_of_this_ca doubt && [ "$(($(certificates_issued) - issued_before))" -eq 1 ]
}

start_est_ca est-strongswan --challenge secret123
passes "$peer" "CA certificates" gets_ca_certificates
passes "$peer" enroll enrolls
passes "$peer" renew renews
passes "$peer" rekey rekeys
refused_with "$peer" "wrong password" "401" enroll_with wrong "not it"
passes "$peer" "in doubt" finishes
for lookup in "wishes|csrattrs" "server key|serverkeygen" "CRL|crl" "next CA|next-ca"; do
  fails_as "$peer" "${lookup%|*}" "not offered" "unrecognized option" pki "--est-${lookup#*|}"
done
"$devca" revoke --state "$ca" "$(serial_of "$clients/dev.pem")" >/dev/null
refused_with "$peer" revoked "40[13]" renews
stop_ca
start_est_ca est-strongswan-manual --challenge secret123 --approval manual
passes "$peer" pending waits
stop_ca

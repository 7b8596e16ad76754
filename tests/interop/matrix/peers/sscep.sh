# shellcheck shell=sh disable=SC2154,SC2317
# Our sscep at the development CA.
# shellcheck source=tests/interop/matrix/foreign_client.sh
. "$matrix/foreign_client.sh"

new_request() { # NAME CHALLENGE
  [ -s "$clients/$1.key" ] || openssl genrsa -out "$clients/$1.key" 2048 2>/dev/null
  printf '%s\n' '[req]' 'distinguished_name = dn' 'attributes = at' 'prompt = no' '[dn]' 'C = NZ' 'O = Test Org' "CN = $1" \
    '[at]' "${2:+challengePassword = $2}" >"$clients/$1.cnf"
  openssl req -new -config "$clients/$1.cnf" -key "$clients/$1.key" -out "$clients/$1.csr"
}
ask() { # URL NAME OPTION…
  sscep_url=$1
  sscep_name=$2
  shift 2
  "$sscep" enroll -u "$sscep_url" -c "$clients/ca.pem" -k "$clients/$sscep_name.key" -r "$clients/$sscep_name.csr" \
    -l "$clients/$sscep_name.pem" -t 1 "$@"
}
enroll_with() { # URL NAME CHALLENGE
  new_request "$2" "$3" && ask "$1" "$2"
}
enrolls() { enroll_with "$ca_url" dev secret123 && is_of_this_ca dev; }
keep_pair() { cp "$clients/dev.pem" "$clients/old.pem" && cp "$clients/dev.key" "$clients/old.key"; }
another_certificate() { # signed with the kept pair
  new_request dev "" && ask "$ca_url" dev -K "$clients/old.key" -O "$clients/old.pem" && is_of_this_ca dev &&
    [ "$(serial_of "$clients/dev.pem")" != "$(serial_of "$clients/old.pem")" ]
}
renews() { keep_pair && another_certificate; }
rekeys() {
  keep_pair && rm "$clients/dev.key" && another_certificate && [ "$(key_of "$clients/dev.pem")" != "$(key_of "$clients/old.pem")" ]
}
waits() {
  approve_when_it_waits &
  approving=$!
  enroll_with "$ca_url" waiting secret123 && wait "$approving" && is_of_this_ca waiting
}
gets_ca_certificates() { "$sscep" getca -u "$ca_url" -c "$clients/ca.pem" && [ "$(fingerprint_of "$clients/ca.pem")" = "$ca_pin" ]; }
gets_capabilities() { "$sscep" getcaps -u "$ca_url" | grep SCEPStandard; }
gets_certificate() {
  "$sscep" getcert -u "$ca_url" -c "$clients/ca.pem" -k "$clients/dev.key" -l "$clients/dev.pem" \
    -s "0x$(serial_of "$clients/dev.pem")" -w "$clients/again.pem" && [ "$(serial_of "$clients/again.pem")" = "$(serial_of "$clients/dev.pem")" ]
}
gets_crl() {
  "$sscep" getcrl -u "$ca_url" -c "$clients/ca.pem" -k "$clients/dev.key" -l "$clients/dev.pem" -w "$clients/crl.pem" &&
    openssl crl -in "$clients/crl.pem" -noout -CAfile "$ca/ca.crt"
}
gets_next_ca() {
  "$sscep" getnextca -u "$ca_url" -c "$clients/next.pem" -C "$clients/ca.pem" -w "$clients/next-signer.pem" &&
    [ "$(fingerprint_of "$clients/next.pem-0")" = "$(fingerprint_of "$ca/next-ca.crt")" ]
}

start_ca sscep --challenge secret123 --next-ca
passes sscep caps gets_capabilities
passes sscep "CA certificates" gets_ca_certificates
passes sscep enroll enrolls
passes sscep renew renews
passes sscep rekey rekeys
refused_with sscep "wrong challenge" "server says: the challenge password is wrong" enroll_with "$ca_url" wrong "not it"
in_doubt_with sscep enroll_with
passes sscep GetCert gets_certificate
passes sscep GetCRL gets_crl
passes sscep "next CA" gets_next_ca
"$devca" revoke --state "$ca" "$(serial_of "$clients/dev.pem")" >/dev/null
refused_with sscep revoked "server says: the certificate that signed the request is revoked" renews
stop_ca
start_ca sscep-manual --challenge secret123 --approval manual
gets_ca_certificates >/dev/null
passes sscep pending waits
stop_ca

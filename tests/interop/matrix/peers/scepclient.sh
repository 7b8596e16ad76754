# shellcheck shell=sh disable=SC2154,SC2317
# micromdm's scepclient: single DES and SHA-1, which the CA must allow; polls by sending its request again every 30 s.
need_program scepclient scep
# shellcheck source=tests/interop/matrix/foreign_client.sh
. "$matrix/foreign_client.sh"

# It keeps its request beside the key, and sends that again: each name has a folder of its own.
enroll_with() { # URL NAME CHALLENGE
  mkdir -p "$clients/$2"
  scepclient -server-url "$1" -private-key "$clients/$2/key.pem" -certificate "$clients/$2/client.pem" -challenge "$3" \
    -cn "$2" -organization "Test Org" -country NZ || return 1
  cp "$clients/$2/key.pem" "$clients/$2.key"
  cp "$clients/$2/client.pem" "$clients/$2.pem"
}
enrolls() { enroll_with "$ca_url" dev secret123 && is_of_this_ca dev; }
renews() { # the same call again
  before=$(serial_of "$clients/dev.pem") && enrolls && [ "$(serial_of "$clients/dev.pem")" != "$before" ]
}
waits() {
  approve_when_it_waits &
  approving=$!
  enroll_with "$ca_url" waiting secret123 && wait "$approving" && is_of_this_ca waiting
}
rekeys() { # another key beside the certificate in service
  mkdir "$clients/other"
  openssl genrsa -traditional -out "$clients/other/key.pem" 2048 2>/dev/null && cp "$clients/dev.pem" "$clients/other/client.pem" &&
    enroll_with "$ca_url" other secret123 && is_of_this_ca other
}

start_ca scepclient --challenge secret123 --legacy
passes scepclient enroll enrolls
passes scepclient caps asked GetCACaps
passes scepclient "CA certificates" asked GetCACert
passes scepclient renew renews
fails_as scepclient rekey refused "failed" rekeys
refused_with scepclient "wrong challenge" "failInfo: badRequest" enroll_with "$ca_url" wrong "not it"
in_doubt_with scepclient enroll_with
lacks_lookups scepclient "not defined" scepclient -
"$devca" revoke --state "$ca" "$(serial_of "$clients/dev.pem")" >/dev/null
refused_with scepclient revoked "failInfo: bad" renews
enroll_with "$ca_url" strict secret123 >/dev/null 2>&1
enroll_with "$ca_url" late secret123 >/dev/null 2>&1
stop_ca
start_ca scepclient-manual --challenge secret123 --legacy --approval manual
passes scepclient pending waits
stop_ca

# The same CA, where single DES is not allowed any more.
peer="scepclient strict"
start_ca scepclient --challenge secret123
for operation in enroll pending "wrong challenge" "in doubt"; do
  fails_as "$peer" "$operation" refused "failed" enroll_with "$ca_url" "new-$(echo "$operation" | tr ' ' -)" secret123
done
fails_as "$peer" renew refused "failed" enroll_with "$ca_url" strict secret123
rm -rf "$clients/other"
fails_as "$peer" rekey refused "failed" rekeys
"$devca" revoke --state "$ca" "$(serial_of "$clients/late.pem")" >/dev/null
fails_as "$peer" revoked refused "failed" enroll_with "$ca_url" late secret123
lacks_lookups "$peer" "not defined" scepclient -
passes "$peer" caps asked GetCACaps
passes "$peer" "CA certificates" asked GetCACert
stop_ca

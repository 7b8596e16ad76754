# shellcheck shell=sh disable=SC2154,SC2317
# strongSwan's pki: takes its CA certificates from files that --scepca made, polls by itself, asks nothing beside.
need_program pki strongswan-pki
# shellcheck source=tests/interop/matrix/foreign_client.sh
. "$matrix/foreign_client.sh"

scep() { # URL NAME OPTION…: NAME.pem for NAME.key
  to=$clients/$2.pem
  pki_url=$1
  pki_name=$2
  shift 2
  pki --scep --url "$pki_url" --in "$clients/$pki_name.key" --dn "C=NZ, O=Test Org, CN=$pki_name" \
    --cacert-enc "$encrypt_to" --cacert-sig "$signed_by" --cacert "$ca/top.crt" --outform pem "$@" >"$to.new" && mv "$to.new" "$to"
}
new_key() { [ -s "$clients/$1.key" ] || pki --gen --type rsa --size 2048 --outform pem >"$clients/$1.key" 2>/dev/null; }
enroll_with() { # URL NAME CHALLENGE
  new_key "$2" && scep "$1" "$2" --san "$2.example.test" --password "$3"
}
keep_pair() { # NAME
  cp "$clients/$1.pem" "$clients/old.pem" && cp "$clients/$1.key" "$clients/old.key"
}
renew_with() { scep "$1" "$2" --cert "$clients/old.pem" --key "$clients/old.key"; } # URL NAME
renews() {
  keep_pair dev && renew_with "$ca_url" dev && is_of_this_ca dev && [ "$(serial_of "$clients/dev.pem")" != "$(serial_of "$clients/old.pem")" ]
}
rekeys() {
  keep_pair dev && rm "$clients/dev.key" && new_key dev && renew_with "$ca_url" dev && is_of_this_ca dev &&
    [ "$(key_of "$clients/dev.pem")" != "$(key_of "$clients/old.pem")" ]
}
enrolls() { enroll_with "$ca_url" dev secret123 && is_of_this_ca dev; }
waits() {
  approve_when_it_waits &
  approving=$!
  enroll_with "$ca_url" waiting secret123 --interval 1 --maxpolltime 120 && wait "$approving" && is_of_this_ca waiting
}

gets_ca_certificates() { # sorted into CA and RA; sets $encrypt_to, $signed_by
  rm -f "$clients"/set-*
  pki --scepca --url "$ca_url" --caout "$clients/set-ca.pem" --raout "$clients/set-ra.pem" --outform pem --force &&
    [ "$(fingerprint_of "$clients/set-ca.pem")" = "$ca_pin" ]
}
choose_set() { # by role, as its documentation wants it done by hand
  encrypt_to=$clients/set-ca.pem
  signed_by=$encrypt_to
  for one in "$clients"/set-ra*.pem; do
    [ -e "$one" ] || continue
    case $(openssl x509 -in "$one" -noout -ext keyUsage) in *Encipherment*) encrypt_to=$one ;; esac
    case $(openssl x509 -in "$one" -noout -ext keyUsage) in *Signature*) signed_by=$one ;; esac
  done
}

strongswan_rows() { # PEER SWITCH…
  peer=$1
  state=$(printf '%s' "$1" | tr ' ' -)
  shift
  rm -rf "$clients"
  mkdir -p "$clients"
  start_ca "$state" --challenge secret123 --capabilities "$preset" "$@"
  passes "$peer" "CA certificates" gets_ca_certificates
  choose_set
  passes "$peer" enroll enrolls
  passes "$peer" caps asked GetCACaps
  passes "$peer" renew renews
  passes "$peer" rekey rekeys
  refused_with "$peer" "wrong challenge" "failInfo: *badRequest" enroll_with "$ca_url" other "not it"
  in_doubt_with "$peer" enroll_with
  lacks_lookups "$peer" "unrecognized option" pki --scep-
  "$devca" revoke --state "$ca" "$(serial_of "$clients/dev.pem")" >/dev/null
  refused_with "$peer" revoked "failInfo: *bad" renews
  stop_ca
  start_ca "$state-manual" --challenge secret123 --approval manual --capabilities "$preset" "$@"
  gets_ca_certificates >/dev/null 2>&1
  choose_set
  passes "$peer" pending waits
  stop_ca
}
strongswan_rows "strongSwan pki"
strongswan_rows "strongSwan RA pair" --ra pair

# Without these words: it reads the capabilities before each message, and sends none.
peer="strongSwan plain"
rm -rf "$clients"
mkdir -p "$clients"
start_ca plain --challenge secret123
passes "$peer" "CA certificates" gets_ca_certificates
choose_set
fails_as "$peer" caps refused "not supported by CA" enrolls
for operation in enroll "wrong challenge"; do fails_as "$peer" "$operation" refused "not supported by CA" enrolls; done
"$sscep" getca -u "$ca_url" -c "$clients/ca.pem"
openssl req -new -newkey rsa:2048 -nodes -keyout "$clients/dev.key" -out "$clients/dev.csr" -config - 2>/dev/null <<'CNF'
[req]
distinguished_name = dn
attributes = at
prompt = no
[dn]
C = NZ
O = Test Org
CN = dev
[at]
challengePassword = secret123
CNF
"$sscep" enroll -u "$ca_url" -c "$clients/ca.pem" -k "$clients/dev.key" -r "$clients/dev.csr" -l "$clients/dev.pem" >/dev/null
for operation in renew revoked; do fails_as "$peer" "$operation" refused "not supported by CA" renews; done
fails_as "$peer" rekey refused "not supported by CA" rekeys
lacks_lookups "$peer" "unrecognized option" pki --scep-
fails_as "$peer" "in doubt" refused "not supported by CA" enroll_with "$ca_url" doubt secret123
stop_ca
start_ca plain-manual --challenge secret123 --approval manual
fails_as "$peer" pending refused "not supported by CA" enroll_with "$ca_url" waiting secret123 --interval 1 --maxpolltime 120
stop_ca

# shellcheck shell=sh disable=SC2154,SC2034
# What foreign clients are asked at the development CA. A peer's file defines
#   enroll_with URL NAME CHALLENGE        makes NAME.key, NAME.pem in $clients, for /C=NZ/O=Test Org/CN=NAME
# and what else it can do. The CA is the one of the last start_ca.
clients=$work/clients
mkdir -p "$clients"

# What these clients have no word for is asked for with the word that it would have; the message is theirs.
lacks_lookups() { # PEER PATTERN PROGRAM PREFIX: PREFIX of options or commands
  for lookup in "GetCert|get-cert" "GetCRL|get-crl" "next CA|get-next-ca"; do
    fails_as "$1" "${lookup%|*}" "not offered" "$2" "$3" "$4${lookup#*|}"
  done
}

# Made with a capability list that strongSwan 5.9.8 understands: it takes DES3 for SHA-256 and SHA-384 for AES.
preset=AES,DES3,GetNextCACert,POSTPKIOperation,Renewal,SCEPStandard,SHA-1,SHA-256,SHA-384,SHA-512

asked() { # OPERATION: the CA was asked for it since it started
  grep -q "\"operation\":\"$1\"" "$ca/requests.log"
}

is_of_this_ca() { # NAME: the pair matches and comes from the CA
  belongs_to "$clients/$1.pem" "$clients/$1.key" &&
    openssl verify -partial_chain -trusted "$ca/ca.crt" "$clients/$1.pem"
}

# The first answer is lost; the client is started again, with what it kept.
in_doubt_with() { # PEER COMMAND: COMMAND URL NAME CHALLENGE
  start_lossy_proxy "$work/lossy-$(printf '%s' "$1" | tr ' ' -)" "$ca_url" 1
  issued_before=$(certificates_issued)
  $2 "$proxy_url" doubt secret123 >"$work/doubt" 2>&1 || true
  $2 "$proxy_url" doubt secret123 >>"$work/doubt" 2>&1 || true
  issued_now=$(($(certificates_issued) - issued_before))
  stop_server "$proxy_pid"
  if ! is_of_this_ca doubt >>"$work/doubt" 2>&1; then
    failed_cell "$1" "in doubt" "no certificate after the second call" "$work/doubt"
  elif [ "$issued_now" -eq 1 ]; then
    cell "$1" "in doubt" pass
  else
    cell "$1" "in doubt" pass "certificates that the server issued for the request: $issued_now"
  fi
}

# The CA says no, and the client passes it on.
refused_with() { # PEER OPERATION PATTERN COMMAND…: pass if the command fails with such a line
  refused_peer=$1
  refused_operation=$2
  pattern=$3
  shift 3
  if "$@" >"$work/refused" 2>&1; then
    failed_cell "$refused_peer" "$refused_operation" "it was not refused" "$work/refused"
  elif grep -q -e "$pattern" "$work/refused"; then
    cell "$refused_peer" "$refused_operation" pass
  else
    failed_cell "$refused_peer" "$refused_operation" "refused with other words" "$work/refused"
  fi
}

approve_when_it_waits() { # in the background, at the CA of the last start_ca
  tries=0
  until [ -n "$("$devca" pending --state "$ca")" ]; do
    tries=$((tries + 1))
    [ "$tries" -lt 600 ] || return 1
    sleep 0.1
  done
  sleep 1 # so that PENDING is what the client is answered
  "$devca" approve --state "$ca" --all
}

# shellcheck shell=sh disable=SC2154,SC2034
# Our client at an EST server: one cell per operation. Source it after certctl_at.sh.
# shellcheck source=tests/fault/est.sh
. "$matrix/../../fault/est.sh"

est_profile() { # NAME PASSWORD [EXTRA [MORE]]: at $server_url, with the pin $pin
  new_profile "$1" "$server_url" "$pin" "$2" "${3:-}" "${4:-}"
  adapt_profile "$1"
}

gets_the_pinned_ca() {
  run ca fetch "$profile"
  cp "$site/out" "$site/ca.pem"
  [ "$exit_code" -eq 0 ] && [ -n "$(of_fingerprint "$pin" "$site/ca.pem")" ]
}

of_fingerprint() { # FINGERPRINT FILE: its subject, if one certificate of the file has it
  openssl crl2pkcs7 -nocrl -certfile "$2" | openssl pkcs7 -print_certs | awk -v to="$work/one-" '/BEGIN/ { n++ } { print > (to n ".pem") }'
  for one in "$work"/one-[1-9]*.pem; do
    [ "$(fingerprint_of "$one")" != "$1" ] || openssl x509 -in "$one" -noout -subject
  done
}

enrolls_with_the_password() {
  run renew "$profile"
  [ "$exit_code" -eq 0 ] && holds_a_pair_of_the_ca
}

# What a server lacks is said by it, or by our client.
passes_or_absent() { # PEER OPERATION: by the last run
  if [ "$exit_code" -eq 0 ]; then
    cell "$1" "$2" pass
  elif [ -n "$(words_of_the_server)$(words_of_certctl)" ]; then
    words=$(words_of_the_server)
    cell "$1" "$2" "not offered" "${words:-$(words_of_certctl)}"
  else
    failed_cell "$1" "$2" "exit $exit_code" "$site/err"
  fi
}

# $ca_certificate is the CA to pin. The peer says the rest of what is done at its server:
#   asks_for_wishes     the server was asked, and what it wishes is in the request
#   was_asked OPERATION WHO     the last request: `simplereenroll certificate`
est_at() { # PEER
  peer=$1
  profile=router
  pin=$(fingerprint_of "$ca_certificate")
  new_site "$(printf '%s' "$peer" | tr ' ' -)"
  est_profile "$profile" secret123
  passes "$peer" "CA certificates" gets_the_pinned_ca
  passes "$peer" enroll enrolls_with_the_password
  passes "$peer" wishes asks_for_wishes
  passes "$peer" renew renews_as_the_certificate
  passes "$peer" rekey renews_with_another_key
  run crl "$profile"
  passes_or_absent "$peer" CRL
  run ca next "$profile"
  passes_or_absent "$peer" "next CA"

  est_profile wrong "not it"
  run renew wrong
  if [ "$exit_code" -eq 1 ] && words_of_the_server | grep -q '^HTTP 401'; then
    cell "$peer" "wrong password" pass
  else
    failed_cell "$peer" "wrong password" "exit $exit_code, without HTTP 401" "$site/err"
  fi
  est_profile made secret123 "server_key: true"
  run renew made
  if [ "$exit_code" -ne 0 ] || same_key; then passes_or_absent "$peer" "server key"; else failed_cell "$peer" "server key" "no pair" "$site/err"; fi
}

renews_as_the_certificate() { renews_with_the_key && was_asked "$renewal" certificate; }

waits_for_a_certificate() { # PEER APPROVE-COMMAND…: at a server that answers 202
  waiting_peer=$1
  shift
  est_profile waiting secret123 "" "pending: { poll: 1s, give_up: 30d }"
  run renew waiting
  [ "$exit_code" -eq 3 ] || { failed_cell "$waiting_peer" pending "exit $exit_code, not 3" "$site/err"; return; }
  "$@" >/dev/null
  run renew --wait=60s waiting
  if [ "$exit_code" -eq 0 ] && same_key; then cell "$waiting_peer" pending pass; else failed_cell "$waiting_peer" pending "exit $exit_code" "$site/err"; fi
}

# The answer to the first request is lost; the next run asks with the same bytes.
finishes_in_doubt() { # PEER LOSE-COMMAND KEEP-COMMAND COUNT-COMMAND
  est_profile doubt secret123
  before=$($4)
  $2
  run renew doubt
  lost=$exit_code
  $3
  run renew --reset-attempts doubt
  if [ "$lost" -eq 0 ] || [ "$exit_code" -ne 0 ] || ! same_key; then
    failed_cell "$1" "in doubt" "exit $lost, then $exit_code" "$site/err"
  elif [ "$(($($4) - before))" -eq 1 ]; then
    cell "$1" "in doubt" pass
  else
    cell "$1" "in doubt" pass "certificates that the server issued for the request: $(($($4) - before))"
  fi
}

# shellcheck shell=sh disable=SC2154
# Our client at one server: one cell per operation. Source it after cells.sh and certctl.sh.

# What the server said in the last run, without our hints.
words_of_the_server() {
  cat "$site/err" "$site/out" | sed -nE -e 's/.*(FAILURE [A-Za-z]+)( \([^)]*\))?(: "[^"]*")?.*/\1\3/p' \
    -e 's/.*with (HTTP [0-9]+)[^:]*(: "[^"]*")?.*/\1\2/p' | tail -n 1
}

# What our client itself said in the last run, without hints.
words_of_certctl() {
  grep -m 1 -e '^certctl: ' -e ': failed: ' "$site/err" "$site/out" | sed -E 's/^[^:]*:(certctl|[^:]*: failed): //; s/ \([^()]*\)$//'
}

passes_or_not_offered() { # PEER OPERATION: by the last run; a server that lacks an operation says so
  if [ "$exit_code" -eq 0 ]; then
    cell "$1" "$2" pass
  elif [ -n "$(words_of_the_server)" ]; then
    cell "$1" "$2" "not offered" "$(words_of_the_server)"
  elif grep -q 'does not announce' "$site/err"; then
    cell "$1" "$2" "not offered" "$(words_of_certctl)"
  else
    failed_cell "$1" "$2" "exit $exit_code" "$site/err"
  fi
}

another_certificate() { # COMMAND…: exit 0, another serial number; leaves $before_key
  before_serial=$(serial)
  before_key=$(key_of "$store/latest.crt")
  run "$@"
  [ "$exit_code" -eq 0 ] && same_key && [ "$(serial)" != "$before_serial" ]
}

renews_with_the_key() { another_certificate renew --force "$profile" && [ "$(key_of "$store/latest.crt")" = "$before_key" ]; }
renews_with_another_key() { another_certificate renew --force --rekey "$profile" && [ "$(key_of "$store/latest.crt")" != "$before_key" ]; }

of_the_ca() { # CERTIFICATE: chains to the CA that the operator knows
  openssl verify -partial_chain -trusted "$ca_certificate" -untrusted "$site/ca.pem" "$1" >/dev/null
}

holds_a_pair_of_the_ca() { same_key && of_the_ca "$store/latest.crt"; }

# A poll for a request that was never sent, to a server that answers no PENDING: what it says. certctl does not poll
# without cause, sscep does.
polls_in_vain() { # PEER URL
  openssl req -new -newkey rsa:2048 -nodes -keyout "$site/poll.key" -subj "/O=Test Org/CN=poll" -out "$site/poll.csr" 2>/dev/null
  "$sscep" getca -u "$2" -c "$site/set.pem" >"$site/err" 2>&1 || die "$(cat "$site/err")"
  fails_as "$1" pending "not offered" 'HTTP' "$sscep" enroll -u "$2" -c "$site/set.pem" -k "$site/poll.key" -r "$site/poll.csr" \
    -l "$site/poll.pem" -R
}

waits_for_approval() { # PEER: at the development CA of the last start_ca, --approval manual
  new_profile waiting "$ca_url" "$ca_pin" secret123 "$issuer_lines" "pending: { poll: 1s, give_up: 30d }"
  adapt_profile waiting
  run renew waiting
  [ "$exit_code" -eq 3 ] || { failed_cell "$1" pending "exit $exit_code, not 3" "$site/err"; return; }
  "$devca" approve --state "$ca" --all >/dev/null
  run renew --wait=60s waiting
  if [ "$exit_code" -eq 0 ] && same_key && [ "$(requests PKCSReq)" -eq 1 ]; then
    cell "$1" pending pass
  else
    failed_cell "$1" pending "after the approval" "$site/err"
  fi
}

# Makes the profile what the row is about; peers that need it set $profile_changes, a sed script.
profile_changes=
issuer_lines=
adapt_profile() { # NAME
  sed -i -e 's/rotate: always/rotate: never/' ${profile_changes:+-e "$profile_changes"} "$site/profiles.d/$1.yaml"
}

# $ca_certificate is the CA to pin, as a file. $issued counts what the server issued, or is `true`.
certctl_at() { # PEER URL
  peer=$1
  profile=router
  pin=$(fingerprint_of "$ca_certificate")
  new_site "$(printf '%s' "$peer" | tr ' ' -)"
  new_profile "$profile" "$2" "$pin" secret123 "$issuer_lines"
  adapt_profile "$profile"

  run ca show "$profile"
  if [ "$exit_code" -eq 0 ] && grep -q '^capabilities: .*AES' "$site/out"; then
    cell "$peer" caps pass
  else
    failed_cell "$peer" caps "exit $exit_code" "$site/out" "$site/err"
  fi
  run ca fetch "$profile"
  cp "$site/out" "$site/ca.pem"
  if [ "$exit_code" -eq 0 ] && grep -q 'BEGIN CERTIFICATE' "$site/out"; then
    cell "$peer" "CA certificates" pass
  else
    failed_cell "$peer" "CA certificates" "exit $exit_code" "$site/err"
  fi

  refused_as=
  run renew "$profile"
  if [ "$exit_code" -eq 0 ]; then
    passes "$peer" enroll holds_a_pair_of_the_ca
    passes "$peer" renew renews_with_the_key
    passes "$peer" rekey renews_with_another_key
    for question in "GetCert cert $profile $(serial)" "GetCRL crl $profile" "next%CA ca next $profile"; do
      # shellcheck disable=SC2086
      run ${question#* }
      passes_or_not_offered "$peer" "$(printf '%s' "${question%% *}" | tr % ' ')"
    done
  else
    refused_as=$(words_of_certctl)
    for operation in enroll renew rekey; do cell "$peer" $operation refused "$refused_as"; done
    for question in "GetCert cert $profile 01" "GetCRL crl $profile" "next%CA ca next $profile"; do
      # shellcheck disable=SC2086
      run ${question#* }
      cell "$peer" "$(printf '%s' "${question%% *}" | tr % ' ')" refused "$(words_of_certctl)"
    done
  fi

  new_profile wrong "$2" "$pin" "not it" "$issuer_lines"
  adapt_profile wrong
  run renew wrong
  if [ "$exit_code" -eq 1 ] && words_of_the_server | grep -q '^FAILURE'; then
    cell "$peer" "wrong challenge" pass
  else
    failed_cell "$peer" "wrong challenge" "exit $exit_code, without a FAILURE" "$site/err"
  fi
}

# The first answer is lost: the next run finishes, with the key that was sent.
certctl_in_doubt_at() { # PEER URL COUNT-COMMAND: how many certificates the server issued
  start_lossy_proxy "$site/lossy" "$2" 1
  new_profile doubt "$proxy_url" "$pin" secret123 "$issuer_lines"
  adapt_profile doubt
  before=$($3)
  run renew doubt
  [ "$exit_code" -eq 0 ] || run renew --reset-attempts doubt
  if [ -n "$refused_as" ] && [ "$(words_of_certctl)" = "$refused_as" ]; then
    cell "$1" "in doubt" refused "$refused_as" # as without a loss
  elif [ "$exit_code" -ne 0 ] || ! same_key; then
    failed_cell "$1" "in doubt" "exit $exit_code" "$site/err"
  elif [ "$(($($3) - before))" -le 1 ]; then
    cell "$1" "in doubt" pass
  else
    cell "$1" "in doubt" pass "certificates that the server issued for the request: $(($($3) - before))"
  fi
  stop_server "$proxy_pid"
}

# A server that can neither wait for approval nor say what is revoked.
certctl_at_foreign() { # PEER URL [COUNT-COMMAND]
  certctl_at "$1" "$2"
  polls_in_vain "$1" "$2"
  certctl_in_doubt_at "$1" "$2" "${3:-echo 0}"
  revoked_as_the_list "$1"
}

# Without a revocation list nothing is known to be revoked: the words are those about the list.
revoked_as_the_list() { # PEER
  sed -n "s/^$1|GetCRL|/$1|revoked|/p" "$cells" >"$work/revoked"
  cat "$work/revoked" >>"$cells"
}

certificates_issued() { "$devca" issued --state "$ca" | wc -l; }

revoked_is_replaced() {
  "$devca" revoke --state "$ca" "$(serial)" >/dev/null
  run crl "$profile"
  [ "$exit_code" -eq 1 ] && another_certificate renew "$profile" && [ "$(key_of "$store/latest.crt")" != "$before_key" ]
}

# The development CA with the given switches, and another one where a person approves.
certctl_at_devca() { # PEER SWITCH…
  devca_peer=$1
  devca_state=$(printf '%s' "$1" | tr ' ' -)
  shift
  start_ca "$devca_state" --challenge secret123 "$@"
  ca_certificate=$ca/top.crt
  certctl_at "$devca_peer" "$ca_url"
  certctl_in_doubt_at "$devca_peer" "$ca_url" certificates_issued
  store=$site/store-$profile
  if grep -q "^$devca_peer|GetCRL|pass" "$cells"; then
    passes "$devca_peer" revoked revoked_is_replaced
  else
    revoked_as_the_list "$devca_peer"
  fi
  stop_ca
  start_ca "$devca_state-manual" --challenge secret123 --approval manual "$@"
  waits_for_approval "$devca_peer"
  stop_ca
}

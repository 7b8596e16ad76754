# shellcheck shell=sh disable=SC2154,SC2034
# Our client at an ACME server: one cell per operation. Source it after certctl_at.sh. The peer sets
#   $server_url, $tls_ca, $root   as for new_acme_profile
#   $http_port, $tls_port         where the server looks for challenges
#   $tries_again                  yes: a server that looks in vain looks again
#   $account_lines                lines of the issuer's map that bind the account, or nothing
#   $other_root                   a root that another chain leads to, or nothing
# shellcheck source=enrollers/acme/pebble.sh
. "$matrix/../../../enrollers/acme/pebble.sh"
need_program python3 python3

acme_profile() { # NAME CHALLENGE [EXTRA [MORE]]
  acme_url=$server_url
  new_acme_profile "$1" "$2" "${account_lines:-renewal_info: true}${3:+
    $3}" "${4:-}"
  adapt_profile "$1"
}

of_the_root() { # NAME
  openssl verify -CAfile "$root" -untrusted "$site/$1.crt" "$site/$1.crt"
}
enrolls() { # NAME PATTERN: of the names in the certificate
  run renew "$1"
  cat "$site/out" "$site/err"
  [ "$exit_code" -eq 0 ] && same_key && of_the_root "$1" && openssl x509 -in "$store/latest.crt" -noout -ext subjectAltName | grep -q "$2"
}
enrolls_without_agreeing() { # NAME PATTERN: the account is there already
  sed -i 's/agree_terms: true/agree_terms: false/' "$site/profiles.d/$1.yaml"
  enrolls "$@"
}

write_dns_script() {
  cat >"$site/records" <<'SCRIPT'
#!/bin/sh
case $1 in
  present) curl -sf -d "{\"host\":\"$2.\",\"value\":\"$3\"}" http://127.0.0.1:8055/set-txt ;;
  cleanup) curl -sf -d "{\"host\":\"$2.\"}" http://127.0.0.1:8055/clear-txt ;;
esac
SCRIPT
  chmod 700 "$site/records"
}

start_web_server() { # of the files below $site/www
  (cd "$site/www" && exec python3 -m http.server -b 127.0.0.1 "$http_port" >"$work/www.log" 2>&1) &
  web_pid=$!
  server_pids="$server_pids $web_pid"
  wait_for "http://127.0.0.1:$http_port/" "$web_pid" "$work/www.log"
}

# The order cannot be ready when the first run ends; the next one goes on with it. A server that tries again finds nobody
# at first; one that does not, nobody waits for.
goes_on_with_the_order() { # PEER
  acme_profile waiting "http_01: { webroot: $site/www }" "wait: 0s" "pending: { poll: 1s, give_up: 30d }"
  : >"$site/orders"
  [ "$tries_again" = yes ] || start_web_server
  run renew waiting
  if [ "$exit_code" -ne 3 ]; then failed_cell "$1" pending "exit $exit_code, not 3" "$site/err"; return; fi
  [ "$tries_again" = no ] || start_web_server
  sed -i 's/wait: 0s/wait: 60s/' "$site/profiles.d/waiting.yaml"
  run renew --wait=60s waiting
  stop_server "$web_pid"
  if [ "$exit_code" -eq 0 ] && same_key && [ "$(wc -l <"$site/orders")" -eq 1 ]; then
    cell "$1" pending pass
  else
    failed_cell "$1" pending "exit $exit_code" "$site/err"
  fi
}

# Nobody answers where the server looks. One that tries again leaves the order open.
says_what_is_not_proved() {
  acme_profile nobody 'http_01: { listen: "127.0.0.1:5999" }' "wait: 3s"
  run renew nobody
  cat "$site/out" "$site/err"
  if [ "$tries_again" = yes ]; then expected=3; else expected=1; fi
  [ "$exit_code" -eq "$expected" ] && grep -q 'nobody.example.test is not proved' "$site/out" "$site/err"
}

# The answer to the request is lost; the next run goes on with the order.
finishes_in_doubt() { # PEER
  acme_profile doubt "$http"
  : >"$site/orders"
  echo finalize/close >"$site/fault"
  run renew doubt
  lost=$exit_code
  rm "$site/fault"
  run renew --reset-attempts --wait=60s doubt
  if [ "$lost" -ne 0 ] && [ "$exit_code" -eq 0 ] && same_key && [ "$(wc -l <"$site/orders")" -eq 1 ]; then
    cell "$1" "in doubt" pass
  else
    failed_cell "$1" "in doubt" "exit $lost, then $exit_code" "$site/err"
  fi
}

acme_at() { # PEER BACKEND-PORT: where the server listens
  peer=$1
  profile=router
  http="http_01: { listen: \"127.0.0.1:$http_port\" }"
  new_site "$(printf '%s' "$peer" | tr ' ' -)"
  mkdir -p "$site/www"
  "$matrix/../../fault/acme_proxy" "$site" "$work/tls.pem" "$work/tls.key" 14100 "$2" 14999 2>"$work/proxy.log" &
  proxy_pid=$!
  server_pids="$server_pids $proxy_pid"
  direct_url=$server_url direct_tls_ca=$tls_ca

  if [ -n "${account_lines:-}" ]; then
    bound=$account_lines
    account_lines=
    acme_profile unbound "$http"
    run renew unbound
    account_lines=$bound
    if [ "$exit_code" -ne 1 ] || ! grep -q eab_kid "$site/out" "$site/err"; then failed_cell "$peer" binding "an account without it" "$site/err"; fi
  fi
  acme_profile "$profile" "$http"
  passes "$peer" HTTP enrolls "$profile" "$profile.example.test"
  if [ -n "${account_lines:-}" ]; then
    passes "$peer" binding same_key
  elif ! curl -sf --cacert "$tls_ca" "$server_url" | grep -q '"externalAccountRequired": *true'; then
    cell "$peer" binding "not offered" "the directory does not say externalAccountRequired"
  else
    failed_cell "$peer" binding "the server wants it"
  fi
  passes "$peer" renew renews_with_the_key
  passes "$peer" rekey renews_with_another_key
  acme_profile tls "tls_alpn_01: { listen: \"127.0.0.1:$tls_port\" }"
  passes "$peer" TLS enrolls tls tls.example.test
  acme_profile again "$http"
  passes "$peer" account enrolls_without_agreeing again again.example.test
  write_dns_script
  acme_profile wild "dns_01: { script: $site/records }" "dns_propagation: 1s"
  sed -i 's/^san: .*/san: [ "DNS:wild.example.test", "DNS:*.wild.example.test" ]/' "$site/profiles.d/wild.yaml"
  passes "$peer" DNS enrolls wild 'DNS:\*.wild.example.test'
  acme_profile address "$http"
  sed -i 's/^san: .*/san: [ "DNS:address.example.test", "IP:127.0.0.1" ]/' "$site/profiles.d/address.yaml"
  passes "$peer" address enrolls address 'IP Address:127.0.0.1'

  passes "$peer" "not proved" says_what_is_not_proved
  acme_profile other "$http"
  sed -i "s#^    ca_file: .*#    ca_file: ${other_root:-$work/tls-ca.pem}#" "$site/profiles.d/other.yaml"
  run renew other
  if [ -n "${other_root:-}" ] && [ "$exit_code" -eq 0 ] && openssl verify -CAfile "$other_root" -untrusted "$site/other.crt" "$site/other.crt" >/dev/null; then
    cell "$peer" "other root" pass
  else
    cell "$peer" "other root" "not offered" "$(words_of_certctl)"
  fi

  server_url=https://127.0.0.1:14100/${direct_url#https://*/} tls_ca=$work/tls-ca.pem
  wait_for "$server_url" "$proxy_pid" "$work/proxy.log"
  goes_on_with_the_order "$peer"
  finishes_in_doubt "$peer"
  server_url=$direct_url tls_ca=$direct_tls_ca
  stop_server "$proxy_pid"
}

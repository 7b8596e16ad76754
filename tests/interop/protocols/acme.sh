# shellcheck shell=sh disable=SC2154,SC2034
# The row of ACME: pebble, which looks at challenges for real and refuses nonces at random. What a row says of its
# protocol is in `run`. Nobody approves anything there: a server that is stopped stands for one that takes its time.
# shellcheck source=enrollers/acme/pebble.sh
. "$here/../../../enrollers/acme/pebble.sh"
www=

protocol_start() { # NAME MODE
  mode=$2
  case $mode in
    refuses) start_pebble '"domainBlocklist": [ "www.example.test" ]' ;;
    *) start_pebble ;;
  esac
  protocol_pin=$root
  issued_before=$(grep -c 'Issued certificate' "$work/pebble.log") || true
  if [ "$mode" = decides ]; then
    mkdir -p "$work/www"
    (cd "$work/www" && exec python3 -m http.server -b 127.0.0.1 5002 >"$work/www.log" 2>&1) &
    www=$!
    wait_for http://127.0.0.1:5002/ "$www" "$work/www.log"
  fi
}
protocol_stop() {
  stop_server "$www"
  www=
  stop_all
}
protocol_issuer() { # the file of the trusted CA; what is none stands for another one
  trusted=$1
  [ -s "$trusted" ] || trusted=$tls_ca
  challenge='http_01: { listen: "127.0.0.1:5002" }'
  [ "$mode" != decides ] || challenge="wait: 0s, http_01: { webroot: $work/www }"
  echo "acme: { url: $acme_url, account_key: $site/account.key, agree_terms: true, tls_ca_file: $tls_ca, ca_file: $trusted, $challenge }"
}
protocol_hold() { kill -STOP "$pebble_pid"; }
protocol_approve() { kill -CONT "$pebble_pid"; }
protocol_issued() { echo $(($(grep -c 'Issued certificate' "$work/pebble.log") - issued_before)); }
protocol_requests() { grep -c 'calling handler' "$work/pebble.log"; }

# shellcheck shell=sh disable=SC2154,SC2034
# A real ACME server for tests: pebble, and its name server. Source it after tests/interop/certctl.sh inside of
# network_namespace; call stop_pebble at the end. Names resolve to 127.0.0.1; challenges are looked for at ports 5002
# (http-01) and 5001 (tls-alpn-01).
pebble_pid=
names_pid=

need_pebble() {
  for program in pebble pebble-challtestsrv; do
    command -v "$program" >/dev/null || {
      echo "$program is missing: apt-get install --no-install-recommends pebble      (or scripts/setup --test)" >&2
      exit 1
    }
  done
}

# The CA of the server's TLS certificate: $tls_ca; made once.
make_tls_ca() {
  tls_ca=$work/tls-ca.pem
  [ ! -e "$tls_ca" ] || return 0
  openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -keyout "$work/tls-ca.key" -out "$tls_ca" -days 30 \
    -subj "/CN=TLS of a test" 2>/dev/null
  openssl req -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -keyout "$work/tls.key" -out "$work/tls.csr" \
    -subj "/CN=localhost" 2>/dev/null
  printf 'subjectAltName=DNS:localhost,IP:127.0.0.1\n' >"$work/tls.extensions"
  openssl x509 -req -in "$work/tls.csr" -CA "$tls_ca" -CAkey "$work/tls-ca.key" -CAcreateserial -days 30 \
    -extfile "$work/tls.extensions" -out "$work/tls.pem" 2>/dev/null
}

wait_for() { # URL PID LOG
  tries=0
  until curl -s -o /dev/null --max-time 2 --cacert "$tls_ca" "$1"; do
    tries=$((tries + 1))
    if [ $tries -gt 100 ] || ! kill -0 "$2" 2>/dev/null; then
      cat "$3" >&2
      echo "the server at $1 does not answer" >&2
      exit 1
    fi
    sleep 0.1
  done
}

start_names() {
  pebble-challtestsrv -defaultIPv4 127.0.0.1 -defaultIPv6 "" -dns01 "127.0.0.1:${names_port:-8053}" -http01 "" -https01 "" -tlsalpn01 "" \
    -management 127.0.0.1:8055 >"$work/names.log" 2>&1 &
  names_pid=$!
  wait_for http://127.0.0.1:8055/ "$names_pid" "$work/names.log"
}

set_record() { # NAME VALUE: TXT
  curl -sf -d "{\"host\":\"$1.\",\"value\":\"$2\"}" http://127.0.0.1:8055/set-txt
}

# $acme_url, $root (the CA that issues, PEM). More: lines of JSON after a comma; the environment configures the rest.
start_pebble() { # [MORE]
  need_pebble
  make_tls_ca
  [ -n "$names_pid" ] || start_names
  cat >"$work/pebble.json" <<JSON
{ "pebble": { "listenAddress": "127.0.0.1:14000", "managementListenAddress": "127.0.0.1:15000",
  "certificate": "$work/tls.pem", "privateKey": "$work/tls.key", "httpPort": 5002, "tlsPort": 5001,
  "ocspResponderURL": "", "certificateValidityPeriod": ${validity:-7200}, "domainBlocklist": [ "blocked.example.test" ]${1:+, $1} } }
JSON
  PEBBLE_VA_NOSLEEP=${PEBBLE_VA_NOSLEEP-1} PEBBLE_WFE_NONCEREJECT=${PEBBLE_WFE_NONCEREJECT-10} pebble -strict \
    -dnsserver 127.0.0.1:8053 -config "$work/pebble.json" >>"$work/pebble.log" 2>&1 &
  pebble_pid=$!
  acme_url=https://127.0.0.1:14000/dir
  wait_for "$acme_url" "$pebble_pid" "$work/pebble.log"
  root=$work/root.pem
  curl -sf --cacert "$tls_ca" https://127.0.0.1:15000/roots/0 >"$root"
}

orders_placed() { grep -c 'Added order' "$work/pebble.log"; }

stop_server() { # PID
  [ -z "$1" ] || kill "$1" 2>/dev/null || true
  [ -z "$1" ] || wait "$1" 2>/dev/null || true
}

stop_pebble() {
  stop_server "$pebble_pid"
  pebble_pid=
}

stop_all() {
  stop_pebble
  stop_server "$names_pid"
  names_pid=
}

# profiles.d/NAME.yaml. EXTRA: lines of the issuer's map, with their indentation; MORE: lines of the profile.
new_acme_profile() { # NAME CHALLENGE [EXTRA [MORE]]
  cat >"$site/profiles.d/$1.yaml" <<YAML
profile: $1
issuer:
  acme:
    url: $acme_url
    account_key: $site/account.key
    agree_terms: true
    tls_ca_file: $tls_ca
    ca_file: $root
    $2
${3:+    $3
}key: { file: {}, type: ec, curve: P-256, rotate: always }
subject: /CN=$1.example.test
san: [ "DNS:$1.example.test" ]
renew: 30% left
store: { scepclient: { path: $site/store-$1, keep: 3 } }
deliver:
  - files: { fullchain: $site/$1.crt, key: $site/$1.key }
${4:-}
YAML
  chmod 600 "$site/profiles.d/$1.yaml"
  store=$site/store-$1
}

# shellcheck shell=sh disable=SC2154,SC2034
# Our client at pebble, which refuses one nonce in ten and proves every name anew: once as it is, once with accounts that
# must be bound, longer chains and more roots.
# shellcheck source=tests/interop/matrix/acme_at.sh
. "$matrix/acme_at.sh"
trap 'stop_all; stop_servers; rm -rf "$work"' EXIT
export PEBBLE_AUTHZREUSE=0
http_port=5002 tries_again=no tls_port=5001
start_pebble
server_url=$acme_url
acme_at pebble 14000
stop_pebble

export PEBBLE_ALTERNATE_ROOTS=2 PEBBLE_CHAIN_LENGTH=2
start_pebble '"externalAccountBindingRequired": true, "externalAccountMACKeys": { "kid-1": "zWNDZM6eQGHWpSRTPal5eIUYFTu7EajVIoguysqZ9wG44nMEtx3MUAsUDkMTQ12W" }'
(umask 077 && echo 'zWNDZM6eQGHWpSRTPal5eIUYFTu7EajVIoguysqZ9wG44nMEtx3MUAsUDkMTQ12W' >"$work/mac")
account_lines="eab_kid: kid-1
    eab_key: { file: $work/mac }"
other_root=$work/root-1.pem
curl -sf --cacert "$tls_ca" https://127.0.0.1:15000/roots/1 >"$other_root"
acme_at "pebble bound" 14000
stop_all

# shellcheck shell=sh disable=SC2154,SC2034
# Our client at step-ca, which asks the name server of pebble for names.
# shellcheck source=tests/interop/matrix/acme_at.sh
. "$matrix/acme_at.sh"
trap 'stop_all; stop_servers; rm -rf "$work"' EXIT
need_pebble
make_tls_ca
names_port=53
start_names
stepca_resolver=127.0.0.1
start_stepca "$work/stepca" 2020 secret123
tls_ca=$server_ca root=$server_ca
server_url=$acme_url
http_port=80 tries_again=yes tls_port=443
acme_at "step-ca ACME" 2021

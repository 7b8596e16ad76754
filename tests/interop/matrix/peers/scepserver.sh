# shellcheck shell=sh disable=SC2154,SC2034
# micromdm's packaged server: answers in single DES and SHA-1, wants the challenge at renewal, knows no transactions.
start_scepserver "$work/scepserver" 2016 secret123
# shellcheck disable=SC2317
scepserver_issued() { wc -l <"$work/scepserver/depot/index.txt"; }
ca_certificate=$server_ca
certctl_at_foreign scepserver "$server_url" scepserver_issued

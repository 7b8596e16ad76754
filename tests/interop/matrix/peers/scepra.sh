# shellcheck shell=sh disable=SC2154,SC2034
# A CA behind an RA, of micromdm's library: AES-128 and SHA-1.
start_scepra "$work/scepra" 2030 secret123 aes128
ca_certificate=$server_ca
certctl_at_foreign "micromdm RA" "$server_url"

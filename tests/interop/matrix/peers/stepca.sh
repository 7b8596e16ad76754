# shellcheck shell=sh disable=SC2154,SC2034
# step-ca, once for each cipher of its replies; AES-GCM is more than OpenSSL's EnvelopedData can read.
start_stepca "$work/stepca" 2020 secret123
for cipher in aes aes256 des gcm; do
  ca_certificate=$work/stepca/int.pem
  certctl_at_foreign "step-ca $cipher" "$server_url/$cipher"
done

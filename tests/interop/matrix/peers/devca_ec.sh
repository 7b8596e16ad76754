# shellcheck shell=sh disable=SC2034
# EC keys: of the root, of the issuing CA behind an RSA RA, of a CA that does everything itself, of the client.
certctl_at_devca "devca EC root" --chain --root-key ec:P-256
certctl_at_devca "devca EC with RA" --ca-key ec:P-256 --ra one
certctl_at_devca "devca EC CA" --ca-key ec:P-256
profile_changes='s/type: rsa, bits: 2048/type: ec, curve: P-256/; s/^    url:/    allow_ec: true\n&/'
certctl_at_devca "devca EC client"
profile_changes=

# shellcheck shell=sh
# The development CA in the shapes that CAs have: alone, with an RA or two, below a root, about to change.
certctl_at_devca devca
certctl_at_devca "devca RA" --ra one
certctl_at_devca "devca RA pair" --ra pair
certctl_at_devca "devca chain" --chain --ra one
certctl_at_devca "devca next CA" --next-ca

# shellcheck shell=sh disable=SC2154,SC2034
# The row of SCEP. What a row says of its protocol is in `run`.

protocol_start() { # NAME MODE
  case $2 in
    decides) start_ca "$1" --challenge secret123 --approval manual ;;
    refuses) start_ca "$1" --challenge another ;;
    *) start_ca "$1" --challenge secret123 ;;
  esac
  protocol_url=$ca_url
  protocol_pin=$ca_pin
}
protocol_stop() { stop_ca; }
protocol_issuer() { # PIN
  echo "scep: { url: $protocol_url, ca_fingerprint: $1, challenge: secret123 }"
}
protocol_hold() { :; }  # it waits for approval anyway
protocol_approve() { "$devca" approve --state "$ca" --all; }
protocol_issued() { "$devca" issued --state "$ca" | wc -l; }
protocol_requests() { all_requests; }

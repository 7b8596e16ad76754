# shellcheck shell=sh disable=SC2154,SC2034
# One cell of the table per call: PEER|OPERATION|VERDICT|MESSAGE, a line of $cells. `failed` is a verdict that no expected
# cell has: what went wrong, in $detail.
: "${cells:?the file that the cells go to}" "${work:?a temporary directory}"
detail=$cells.detail
: >"$cells"
: >"$detail"

# A message without what differs from run to run, on one line.
steady() {
  tr '\n\t|' '   ' | sed -E -e "s#${work}[^ ]*/##g" -e 's#https?://127\.0\.0\.1:[0-9]+#http://ca.example#g' \
    -e 's/.*the server answered .* with (HTTP [0-9]+)[^:]*(: "[^"]*").*/\1\2/' -e 's/ts=[^ ]* //g' -e 's/(Pebble [A-Za-z]+ CA) [0-9a-f]+/\1/g' -e 's/[0-9A-F]{16,}/.../g' -e 's/[0-9a-f]{32,}/.../g' -e 's/ +/ /g; s/^ //; s/ $//'
}

cell() { # PEER OPERATION VERDICT [MESSAGE]
  printf '%s|%s|%s|%s\n' "$1" "$2" "$3" "$(printf '%s' "${4:-}" | steady)" >>"$cells"
}

failed_cell() { # PEER OPERATION WHAT [FILE…]: with the files as detail
  failing="$1, $2: $3"
  cell "$1" "$2" failed "$3"
  shift 3
  { echo "$failing"; [ $# -eq 0 ] || sed 's/^/    /' "$@"; } >>"$detail" 2>&1
}

# The cell of an operation that must succeed: pass if the command does. Its output is the detail.
passes() { # PEER OPERATION COMMAND…
  passing_peer=$1
  passing_operation=$2
  shift 2
  if "$@" >"$work/passes" 2>&1; then
    cell "$passing_peer" "$passing_operation" pass
  else
    failed_cell "$passing_peer" "$passing_operation" "it does not pass" "$work/passes"
  fi
}

# The cell of something that cannot be had: the command must fail, and the message is its own line with PATTERN.
fails_as() { # PEER OPERATION VERDICT PATTERN COMMAND…
  lacking_peer=$1
  lacking_operation=$2
  lacking_verdict=$3
  pattern=$4
  shift 4
  if "$@" >"$work/lacking" 2>&1; then
    failed_cell "$lacking_peer" "$lacking_operation" "it passes after all" "$work/lacking"
  elif message=$(grep -m 1 -e "$pattern" "$work/lacking"); then
    cell "$lacking_peer" "$lacking_operation" "$lacking_verdict" "$message"
  else
    failed_cell "$lacking_peer" "$lacking_operation" "it says something else" "$work/lacking"
  fi
}

key_of() { openssl x509 -in "$1" -noout -pubkey; } # CERTIFICATE
serial_of() { openssl x509 -in "$1" -noout -serial | sed 's/.*=//'; } # CERTIFICATE

belongs_to() { # CERTIFICATE KEY
  [ -s "$1" ] && [ "$(key_of "$1")" = "$(openssl pkey -in "$2" -pubout)" ]
}

first_word_of() { # FILE TRIES: waits until the file has something
  tries=0
  until [ -s "$1" ]; do
    tries=$((tries + 1))
    [ "$tries" -le "$2" ] || return 1
    sleep 0.1
  done
}

# A proxy before a server that passes everything on, keeps each PKIOperation as N.der, and closes the connection instead of
# answering the first LOST ones; `all`: keeps them, and passes none on.
start_lossy_proxy() { # DIRECTORY URL LOST: sets $proxy_url, $proxy_pid
  need_program python3 python3
  mkdir -p "$1"
  python3 "$matrix/lossy_proxy" "$2" "$1" "$3" >"$1/log" 2>&1 &
  proxy_pid=$!
  server_pids="$server_pids $proxy_pid"
  first_word_of "$1/url" 300 || { cat "$1/log" >&2; die "the proxy does not start"; }
  proxy_url=$(cat "$1/url")
}

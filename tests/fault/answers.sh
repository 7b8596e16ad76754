# shellcheck shell=sh disable=SC2154,SC2317
# What to expect of certctl when the development CA has a fault. Source it after devca.sh; profile `ipsec` is enrolled.

tried=0
# A sample: of refused() and taken() only every one of so many is tried.
every=${every:-1}
met=0
left_out() {
  met=$((met + 1))
  [ $((met % every)) -ne 0 ]
}

# Nothing of it reaches the terminal or a log as it is: no control characters, no words that turn the line round.
printable() {
  LC_ALL=C
  export LC_ALL
  if cat "$site/out" "$site/err" | tr -d '\n\t' | grep -qP '[\x00-\x1f\x7f]|\xe2\x80[\xaa-\xae]|\xe2\x81[\xa6-\xa9]'; then
    unset LC_ALL
    return 1
  fi
  unset LC_ALL
}

settles() { # FAULT: without it a good answer is taken; with $spoilt at the second try
  "$devca" fault --state "$ca"
  [ -z "${spoilt:-}" ] || run renew --force --reset-attempts ipsec
  exits "$1: then a good answer is taken" 0 renew --force --reset-attempts ipsec
  check "$1: key and certificate match" same_key
  check "$1: delivered" settings_hold_the_pair
}

# An answer that is no certificate of ours: exit 1, one line that says what, latest.* untouched, the next try scheduled,
# and the next good answer taken. CODE: of the last error, where it matters.
refused() { # FAULT [CODE]
  ! left_out || return 0
  "$devca" fault --state "$ca" "$1"
  before=$(pair)
  tried=$((tried + 1))
  exits "$1: exit 1" 1 renew --force --reset-attempts ipsec
  check "$1: is what the server did" was_made
  check "$1: one line says what" test "$(wc -l <"$site/out")" -ge 1
  check "$1: and is fit to be shown" printable
  check "$1: latest.* untouched" test "$(pair)" = "$before"
  run --json status ipsec
  check "$1: last error and next try are shown" test "$(json 'p["last_error"]["message"] != "" and p["due"]["at"] is not None')" = True
  [ -z "${2:-}" ] || json_is "$1: the reason" 'p["last_error"]["code"]' "$2"
  check "$1: the settings file holds the old pair" settings_hold_the_pair
  settles "$1"
}

# A fault that the development CA cannot make would be refused, too: with HTTP 500, and nothing would have been tried.
was_made() { ! cat "$site/out" "$site/err" | grep -e 'encoding-failed'; }

# What only looks odd is taken.
taken() { # FAULT
  ! left_out || return 0
  "$devca" fault --state "$ca" "$1"
  before=$(pair)
  tried=$((tried + 1))
  exits "$1: taken" 0 renew --force --reset-attempts ipsec
  check "$1: what is said of it is fit to be shown" printable
  check "$1: a new pair" test "$(pair)" != "$before"
  check "$1: it matches" same_key
  check "$1: delivered" settings_hold_the_pair
  "$devca" fault --state "$ca"
}

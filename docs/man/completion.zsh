FUNCTION_words() { # KIND: what it stands for
  local configuration=${CERTCTL_CONFIG:-/etc/certctl/certctl.yaml}
  case $1 in
    @profiles) print -l -- ${configuration:h}/profiles.d/*.yaml(N:t:r) ;;
    @plugins) PROGRAM plugin list 2>/dev/null | sed -n 's/^\(enroller\|store\|key provider\|distributor\|hook\) *\([^ ]*\).*/\2/p' ;;
    *) echo "$1" ;;
  esac
}

FUNCTION() {
  local verbs='' word kind i
  for ((i = 2; i < CURRENT; i++)); do
    word=${words[i]}
    if FUNCTION_is_verb "$verbs" "$word"; then verbs=${verbs:+$verbs/}$word; fi
  done
  word=${words[CURRENT - 1]}
  kind=none
  if [[ $word == -* ]]; then
    kind=$(FUNCTION_value "$verbs:$word" || FUNCTION_value ":$word") || kind=none
  fi
  if [[ $kind == none ]]; then
    compadd -- ${=$(FUNCTION_offers "$verbs")}
    kind=$(FUNCTION_argument "$verbs")
    [[ ${words[CURRENT]} != -* ]] || return 0
  fi
  case $kind in
    '') ;;
    @files) _files ;;
    *) compadd -- ${=$(FUNCTION_words "$kind")} ;;
  esac
  return 0
}
if [ "$funcstack[1]" = FUNCTION ]; then FUNCTION "$@"; else compdef FUNCTION PROGRAM; fi

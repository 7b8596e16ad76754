FUNCTION_words() { # KIND: what it stands for
  local configuration=${CERTCTL_CONFIG:-/etc/certctl/certctl.yaml}
  case $1 in
    @profiles)
      local file
      for file in "${configuration%/*}"/profiles.d/*.yaml; do
        [ -e "$file" ] || continue
        file=${file##*/}
        echo "${file%.yaml}"
      done
      ;;
    @plugins) PROGRAM plugin list 2>/dev/null | sed -n 's/^\(enroller\|store\|key provider\|distributor\|hook\) *\([^ ]*\).*/\2/p' ;;
    *) echo "$1" ;;
  esac
}

FUNCTION() {
  local current=${COMP_WORDS[COMP_CWORD]} verbs='' i word kind
  for ((i = 1; i < COMP_CWORD; i++)); do
    word=${COMP_WORDS[i]}
    if FUNCTION_is_verb "$verbs" "$word"; then verbs=${verbs:+$verbs/}$word; fi
  done
  word=${COMP_WORDS[COMP_CWORD - 1]}
  if [ "$word" = = ] && [ "$COMP_CWORD" -ge 2 ]; then word=${COMP_WORDS[COMP_CWORD - 2]}; fi
  [ "$current" != = ] || current=
  case $word in
    -*) kind=$(FUNCTION_value "$verbs:$word" || FUNCTION_value ":$word") || kind=none ;;
    *) kind=none ;;
  esac
  COMPREPLY=()
  if [ "$kind" = none ]; then
    case $current in
      -*) ;;
      *) kind=$(FUNCTION_argument "$verbs") ;;
    esac
    [ "$kind" = none ] && kind=
    if [ -n "$kind" ] && [ "$kind" != @files ]; then
      mapfile -t COMPREPLY < <(compgen -W "$(FUNCTION_offers "$verbs") $(FUNCTION_words "$kind")" -- "$current")
    else
      mapfile -t COMPREPLY < <(compgen -W "$(FUNCTION_offers "$verbs")" -- "$current")
      if [ "$kind" = @files ] && [ -n "$current" ]; then
        mapfile -t -O "${#COMPREPLY[@]}" COMPREPLY < <(compgen -f -- "$current")
      fi
    fi
  elif [ "$kind" = @files ]; then
    mapfile -t COMPREPLY < <(compgen -f -- "$current")
  elif [ -n "$kind" ]; then
    mapfile -t COMPREPLY < <(compgen -W "$(FUNCTION_words "$kind")" -- "$current")
  fi
}
complete -o filenames -F FUNCTION PROGRAM

# From the table that `reference` prints: a completion function of bash, or of zsh.
# usage: reference PROGRAM | awk -F '\t' -v program=NAME -v shell=bash|zsh -f completion.awk
# What a value is, is told by the names of arguments and options: profiles, plugins, files.
function kind_of(name, raw,   list, part, n, i, result) {
  if (match(raw, /\{[^}]*\}/)) {
    list = substr(raw, RSTART + 1, RLENGTH - 2)
    n = split(list, part, ",")
    for (i = 1; i <= n; i++) { sub(/->.*/, "", part[i]); result = result (i > 1 ? " " : "") part[i] }
    return result
  }
  if (name == "PROFILE" || name == "NEW") return "@profiles"
  if (name ~ /^(--issuer|--store|--key|--deliver|--hook)$/ && path ~ /^profile/) return "@plugins"
  if (name == "NAME" && path ~ /^plugin/) return "@plugins"
  if (raw ~ /^U?INT/) return ""
  return "@files"
}
function quoted(text) { gsub(/'/, "'\\''", text); return "'" text "'" }
{
  path = $1 == "." ? "" : $1
  if (!(path in seen)) { seen[path] = 1; order[++paths] = path }
  if ($2 == "verb") verbs[path] = verbs[path] " " $3
  if ($2 == "argument" && !(path in argument)) argument[path] = kind_of($3, $4)
  if ($2 == "option") {
    n = split($3, name, ",")
    for (i = 1; i <= n; i++) {
      options[path] = options[path] " " name[i]
      if ($4 != "-") values = values sprintf("    %s:%s) echo %s ;;\n", path, name[i], quoted(kind_of(name[i], $4)))
    }
  }
}
END {
  f = "_" program
  gsub(/-/, "_", f)
  if (shell == "zsh") print "#compdef " program
  print "# Completions of " program ", made from its own --help."
  printf "%s_offers() { # VERBS: verbs and options after them\n  case $1 in\n", f
  for (i = 1; i <= paths; i++)
    printf "    %s) echo %s ;;\n", (order[i] == "" ? "''" : order[i]), quoted(substr(verbs[order[i]] options[order[i]] (order[i] == "" ? "" : options[""]), 2))
  printf "  esac\n}\n%s_argument() { # VERBS\n  case $1 in\n", f
  for (i = 1; i <= paths; i++) if (order[i] in argument) printf "    %s) echo %s ;;\n", order[i], quoted(argument[order[i]])
  printf "    *) ;;\n  esac\n}\n%s_value() { # VERBS:OPTION\n  case $1 in\n%s    *) return 1 ;;\n  esac\n}\n", f, values
  printf "%s_is_verb() { # VERBS WORD\n  case $1/$2 in\n", f
  for (i = 1; i <= paths; i++) {
    n = split(verbs[order[i]], verb, " ")
    for (j = 1; j <= n; j++) printf "    %s/%s) ;;\n", order[i], verb[j]
  }
  printf "    *) return 1 ;;\n  esac\n}\n"
  while ((getline line < (directory "/completion." shell)) > 0) {
    gsub(/FUNCTION/, f, line)
    gsub(/PROGRAM/, program, line)
    print line
  }
}

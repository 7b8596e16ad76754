# From the table that `reference` prints: the mdoc lines of a manual page (verbs with their options).
# usage: reference PROGRAM | awk -F '\t' -v program=NAME -f options.awk
function escaped(text) {
  gsub(/\\/, "\\e", text)
  gsub(/^[.']/, "\\\\\\&&", text)
  gsub(/-/, "\\-", text)
  return text
}
# What CLI11 says of a value: its type, default and choices.
function value_of(raw,   list, part, n, i, result) {
  if (raw == "-") return ""
  if (match(raw, /\{[^}]*\}/)) {
    list = substr(raw, RSTART + 1, RLENGTH - 2)
    n = split(list, part, ",")
    result = ""
    for (i = 1; i <= n; i++) sub(/->.*/, "", part[i])
    sort(part, n)
    for (i = 1; i <= n; i++) result = result (i > 1 ? "|" : "") part[i]
    return result
  }
  if (raw ~ /^U?INT/) return "number"
  if (raw ~ /:FILE/) return "file"
  if (raw ~ /:DIR/) return "directory"
  return "text"
}
function default_of(raw) { return match(raw, /=[^= ]+( |$)/) ? substr(raw, RSTART + 1) : "" }
function sort(list, n,   i, j, one) {
  for (i = 2; i <= n; i++) {
    one = list[i]
    for (j = i - 1; j > 0 && list[j] > one; j--) list[j + 1] = list[j]
    list[j + 1] = one
  }
}
# A capital, unless it begins with a name.
function sentence(text) {
  text = escaped(text)
  return text ~ /^[a-z]+[ ,:;]/ ? toupper(substr(text, 1, 1)) substr(text, 2) : text
}
function flag(names,   part, n, i, result) {
  n = split(names, part, ",")
  for (i = 1; i <= n; i++) result = result (i > 1 ? " , " : "") "Fl " escaped(substr(part[i], 2))
  return result
}
function words(path) { gsub(/\//, " ", path); return path }
function close_list() { if (open) print ".El"; open = 0 }

$2 == "verb" && $1 == "." { text[$3] = $5; next }
$2 == "verb" { text[$1 "/" $3] = $5; next }
{
  if ($1 != last) {
    close_list()
    if ($1 == ".") {
      print ".Sh OPTIONS"
    } else {
      if (last == "." || last == "") print ".Sh VERBS"
      print ".Ss " words($1)
      print sentence(text[$1]) "."
    }
    last = $1
  }
  if ($3 == "-h,--help" && $1 != ".") next
  if (!open) { print ".Bl -tag -width Ds"; open = 1 }
  value = value_of($4)
  line = $2 == "argument" ? ".It Ar " $3 : ".It " flag($3) (value == "" ? "" : " Ar " value)
  if ($4 ~ /\.\.\.$/) line = line " ..."
  print line
  print sentence($5) (default_of($4) != "" ? " (default: " escaped(default_of($4)) ")" : "") "."
}
END { close_list() }

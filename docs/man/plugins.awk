# From what `certctl plugin show NAME` prints: the mdoc lines of its options.
function escaped(text) {
  gsub(/\\/, "\\e", text)
  gsub(/^[.']/, "\\\\\\&&", text)
  gsub(/-/, "\\-", text)
  return text
}
function close_list() { if (open) print ".El"; open = 0 }
/^[^ ]/ {
  close_list()
  kind = $1
  rest = $0
  if (kind == "key") { kind = "key provider"; sub(/^key provider /, "", rest) } else sub(/^[^ ]* /, "", rest)
  name = rest
  sub(/ .*/, "", name)
  sub(/^[^:]*: /, "", rest)
  print ".Ss " kind " " escaped(name)
  print toupper(substr(escaped(rest), 1, 1)) substr(escaped(rest), 2) "."
  next
}
/^  from / { next }
/^  / {
  if (!open) { print ".Bl -tag -width Ds"; open = 1 }
  line = substr($0, 3)
  option = line
  sub(/ \(.*/, "", option)
  about = line
  sub(/^[^(]*\(/, "", about)
  text = about
  # The end of the brackets: choices and defaults have none of their own.
  sub(/\).*/, "", about)
  text = substr(text, length(about) + 4)
  print ".It Cm " escaped(option) " Pq " escaped(about)
  print toupper(substr(escaped(text), 1, 1)) substr(escaped(text), 2) "."
}
END { close_list() }

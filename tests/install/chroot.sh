# shellcheck shell=bash disable=SC2154
# A clean Debian 12 in a directory, for tests of installation. Source it as root, in mount and PID namespaces of its own;
# $cache is where the base system is kept, $root becomes the chroot.
# The sources of this machine that are Debian's own, as one-line entries.
sources() {
  {
    cat /dev/null /etc/apt/sources.list /etc/apt/sources.list.d/*.list 2>/dev/null | sed -n 's/^deb \(\[[^]]*\] \)\?//p' || true
    awk 'function flush(   u, s, i, j, n, m) {
           n = split(uris, u, " "); m = split(suites, s, " ")
           for (i = 1; i <= n; i++) for (j = 1; j <= m; j++) print u[i], s[j], components
           uris = suites = components = ""
         }
         FNR == 1 || /^$/ { flush() }
         /^URIs:/ { uris = substr($0, 6) }
         /^Suites:/ { suites = substr($0, 8) }
         /^Components:/ { components = substr($0, 13) }
         END { flush() }' /etc/apt/sources.list.d/*.sources 2>/dev/null || true
  } | awk '$2 ~ /^bookworm/ && / main/ && $1 ~ /debian/ { print "deb", $1, $2, "main" }' | sort -u
}

make_base() {
  [ ! -s "$base" ] || return 0
  local mirror root=$cache/base
  mirror=$(sources | awk '$3 == "bookworm" && mirror == "" { mirror = $2 } END { print mirror }')
  [ -n "$mirror" ] || fail "no mirror of bookworm in /etc/apt"
  rm -rf --one-file-system "$root"
  debootstrap --variant=minbase --include=git bookworm "$root" "$mirror" >"$cache/debootstrap.log" ||
    { tail "$cache/debootstrap.log"; fail "debootstrap failed"; }
  sources >"$root/etc/apt/sources.list"
  tar -C "$root" -cf "$base.new" .
  mv "$base.new" "$base"
  rm -rf --one-file-system "$root"
}

unpack_chroot() { # $root as it was after debootstrap, with /proc and the devices that programs need
  mountpoint -q "$root/proc" && umount -R "$root/proc"
  for device in null zero full random urandom tty; do umount "$root/dev/$device" 2>/dev/null || true; done
  rm -rf --one-file-system "$root"
  mkdir -p "$root"
  tar -C "$root" -xpf "$base"
  cp /etc/resolv.conf "$root/etc/resolv.conf"
  mount -t proc proc "$root/proc"
  for device in null zero full random urandom tty; do
    [ -e "$root/dev/$device" ] || : >"$root/dev/$device"
    mount --bind "/dev/$device" "$root/dev/$device"
  done
}

remove_chroot() {
  umount -l "$root/proc" "$root"/dev/* 2>/dev/null || true
  rm -rf --one-file-system "$root"
}

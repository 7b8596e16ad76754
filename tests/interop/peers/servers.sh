# shellcheck shell=sh
# Foreign SCEP servers for tests, started for real. Source it inside of network_namespace; call stop_servers at the end.
# Each start_… function sets server_url and server_ca (the CA to pin, PEM), and returns when the server answers.
: "${peer_programs:?directory of the Go peers, see build_go_peer}"
server_pids=

die() {
  echo "$*" >&2
  exit 1
}

need_program() { # PROGRAM PACKAGE
  command -v "$1" >/dev/null 2>&1 || [ -x "$1" ] ||
    die "$1 is missing: apt-get install --no-install-recommends $2      (or scripts/setup --test)"
}

wait_for_server() { # URL PID LOG
  tries=0
  until curl -s -o /dev/null --max-time 2 "$1"; do
    kill -0 "$2" 2>/dev/null || { cat "$3" >&2; die "the server at $1 ended"; }
    tries=$((tries + 1))
    [ $tries -lt 200 ] || { cat "$3" >&2; die "the server at $1 does not answer"; }
    sleep 0.1
  done
}

stop_servers() {
  for pid in $server_pids; do
    kill "$pid" 2>/dev/null || true
    wait "$pid" 2>/dev/null || true
  done
  server_pids=
}

stop_server() { # PID
  kill "$1"
  wait "$1" 2>/dev/null || true
}

make_ca() { # DIRECTORY NAME SUBJECT [ISSUER-NAME]: NAME.pem and NAME.key, RSA, PKCS#8
  if [ $# -eq 3 ]; then
    openssl req -x509 -newkey rsa:2048 -nodes -keyout "$1/$2.key" -out "$1/$2.pem" -days 3650 -subj "$3" \
      -addext keyUsage=critical,keyCertSign,cRLSign 2>/dev/null
    return
  fi
  openssl req -newkey rsa:2048 -nodes -keyout "$1/$2.key" -out "$1/$2.csr" -subj "$3" 2>/dev/null
  printf '%s\n' "${5:-basicConstraints=critical,CA:TRUE}" "${6:-keyUsage=critical,keyCertSign,cRLSign}" >"$1/$2.extensions"
  openssl x509 -req -in "$1/$2.csr" -CA "$1/$4.pem" -CAkey "$1/$4.key" -CAcreateserial -days 3650 \
    -extfile "$1/$2.extensions" -out "$1/$2.pem" 2>/dev/null
}

# micromdm's packaged server: DES and SHA-1 replies whatever was asked, the challenge demanded at renewal too, the old
# certificate revoked by a renewal. DIRECTORY/depot/index.txt lists what it issued.
start_scepserver() { # DIRECTORY PORT CHALLENGE [OPTION…]
  need_program scepserver scep
  scepserver_directory=$1
  scepserver_port=$2
  scepserver_challenge=$3
  shift 3
  if [ ! -e "$scepserver_directory/depot/ca.pem" ]; then
    mkdir -p "$scepserver_directory"
    scepserver ca -init -depot "$scepserver_directory/depot" -keySize 2048 -organization "Test Org" \
      -organizational_unit SCEP -country NZ -key-password "" >"$scepserver_directory/log" 2>&1 ||
      { cat "$scepserver_directory/log" >&2; die "scepserver could not make its CA"; }
  fi
  scepserver -depot "$scepserver_directory/depot" -port "$scepserver_port" -challenge "$scepserver_challenge" \
    -allowrenew 0 -crtvalid 30 "$@" >>"$scepserver_directory/log" 2>&1 &
  server_pid=$!
  server_pids="$server_pids $server_pid"
  server_url=http://127.0.0.1:$scepserver_port/scep
  # shellcheck disable=SC2034
  server_ca=$scepserver_directory/depot/ca.pem
  wait_for_server "$server_url?operation=GetCACaps" "$server_pid" "$scepserver_directory/log"
}

# step-ca with one provisioner per reply cipher: $server_url/NAME for des, aes, aes256, gcm; $acme_url for ACME. The root
# is what to pin. Names come from the server in $stepca_resolver, if that is set.
start_stepca() { # DIRECTORY PORT CHALLENGE
  need_program "$peer_programs/stepca" golang-github-smallstep-certificates-dev
  mkdir -p "$1"
  make_ca "$1" root "/O=Test Org/CN=step root"
  make_ca "$1" int "/O=Test Org/CN=step intermediate" root "basicConstraints=critical,CA:TRUE,pathlen:0"
  cat >"$1/ca.json" <<JSON
{"root":"root.pem","crt":"int.pem","key":"int.key",
 "address":"127.0.0.1:$(($2 + 1))","insecureAddress":"127.0.0.1:$2","dnsNames":["localhost","127.0.0.1"],
 "logger":{"format":"text"},"db":{"type":"badgerv2","dataSource":"db"},
 "authority":{"claims":{"minTLSCertDuration":"1m","maxTLSCertDuration":"720h","defaultTLSCertDuration":"240h"},
  "provisioners":[
   {"type":"ACME","name":"acme"},
   {"type":"SCEP","name":"des","challenge":"$3"},
   {"type":"SCEP","name":"aes","challenge":"$3","encryptionAlgorithmIdentifier":1},
   {"type":"SCEP","name":"aes256","challenge":"$3","encryptionAlgorithmIdentifier":2,"includeRoot":true},
   {"type":"SCEP","name":"gcm","challenge":"$3","encryptionAlgorithmIdentifier":3}]},
 "tls":{"minVersion":1.2,"maxVersion":1.3}}
JSON
  set -- "$1" "$2" "$3" "$peer_programs/stepca" ca.json
  if [ -n "${stepca_resolver:-}" ]; then
    echo "nameserver $stepca_resolver" >"$1/resolv.conf"
    # shellcheck disable=SC2016
    set -- "$1" "$2" "$3" unshare -m sh -c 'mount --bind resolv.conf /etc/resolv.conf && exec "$@"' sh "$4" "$5"
  fi
  (cd "$1" && shift 3 && exec "$@" >log 2>&1) &
  server_pid=$!
  server_pids="$server_pids $server_pid"
  server_url=http://127.0.0.1:$2/scep
  # shellcheck disable=SC2034
  server_ca=$1/root.pem
  # shellcheck disable=SC2034
  acme_url=https://127.0.0.1:$(($2 + 1))/acme/acme/directory
  wait_for_server "$server_url/aes?operation=GetCACaps" "$server_pid" "$1/log"
}

# A CA behind an RA: the RA decrypts and signs, the CA issues. CIPHER of the replies: des, aes128, aes256, gcm.
start_scepra() { # DIRECTORY PORT CHALLENGE CIPHER [OPTION…]
  need_program "$peer_programs/scepra" golang-github-micromdm-scep-dev
  scepra_directory=$1
  scepra_port=$2
  scepra_challenge=$3
  scepra_cipher=$4
  shift 4
  if [ ! -e "$scepra_directory/ra.pem" ]; then
    mkdir -p "$scepra_directory"
    make_ca "$scepra_directory" ca "/O=Test Org/CN=CA behind an RA"
    make_ca "$scepra_directory" ra "/O=Test Org/CN=RA" ca "basicConstraints=critical,CA:FALSE" \
      "keyUsage=critical,digitalSignature,keyEncipherment"
  fi
  (cd "$scepra_directory" && exec "$peer_programs/scepra" -listen "127.0.0.1:$scepra_port" \
    -challenge "$scepra_challenge" -cipher "$scepra_cipher" "$@" >>log 2>&1) &
  server_pid=$!
  server_pids="$server_pids $server_pid"
  server_url=http://127.0.0.1:$scepra_port/scep
  # shellcheck disable=SC2034
  server_ca=$scepra_directory/ca.pem
  wait_for_server "$server_url?operation=GetCACaps" "$server_pid" "$scepra_directory/log"
}

#include "framework/compat/sscep/options.hpp"

namespace certctl::sscep {

std::string usage_text(std::string_view program) {
  return "usage: " + std::string(program) + R"( OPERATION [OPTIONS]

operations:
  getca      get the certificates of the CA and its RAs
  getnextca  get the certificates of the next CA
  enroll     request a certificate
  getcert    get a certificate by its serial number
  getcrl     get the revocation list
  getcaps    show what the server can do

all operations:
  -u URL       SCEP server, http:// or https://
  -p HOST:PORT HTTP proxy
  -M TEXT      further query text; may be repeated
  -g ENGINE    OpenSSL engine that holds the keys
  -f FILE      configuration file
  -c FILE      CA certificate: output of getca and getnextca; else input, also the name of a set FILE-0, FILE-1 …
  -E NAME      cipher of requests: aes128, aes192, aes256, 3des, des, blowfish
  -S NAME      digest of requests: sha256, sha384, sha512, sha224, sha1, md5
  -W SECONDS   try again for so long when the network fails
  -v, -d       say more, say most
  --tls-ca FILE                   CA certificates for https
  --legacy deny|receive|allow     old algorithms of servers; receive: read them in replies
  --compat WORD[,WORD…]           old behaviour; see the manual
  --help, --version

getca and getnextca:
  -i TEXT      CA identifier
  -F NAME      digest of the fingerprints shown with -v
  -C FILE      getnextca: certificates that the signer of the reply must come from
  -w FILE      getnextca: where the certificate of that signer goes

enroll:
  -k FILE      private key            -r FILE  certificate request
  -l FILE      where the certificate goes
  -K FILE      key of the certificate in service      -O FILE  that certificate (renewal)
  -e FILE      certificate to encrypt to, if it is not that of -c
  -L FILE      where the certificate that signs the request goes
  -t SECONDS   between polls (300)    -T SECONDS  longest time of polling (28800)    -n COUNT  most polls (256)
  -R           resume: begin with a poll
  -m FILE      write the request there, and send nothing
  --chain FILE where the certificates above the new one go

getcert and getcrl:
  -k FILE      private key            -l FILE  its certificate
  -s NUMBER    serial number: decimal, or hexadecimal with letters, colons or 0x
  -O FILE      getcert: certificate of the issuer; getcrl: certificate whose issuer and serial number are asked for
  -w FILE      where the certificate or the revocation list goes
)";
}

}  // namespace certctl::sscep

// What the responder shall do, written into the path of its URL: http://127.0.0.1:PORT/name=value/name=value/scep. So a
// test says it where it calls the client, and foreign clients can be tested in the same way.
//
//   caps=AES,SHA-256   capabilities; "none"     caps-line=crlf|blanks|lower|long    caps-status=N  caps-type=WORD
//   caps-close=1       the connection is closed instead of a list
//   shape=single|ra|pair|chain|ec        who answers: CA, RA, two RAs, the lower CA of two, a CA with an EC key
//   ca=set             one certificate as a set             order=0…5   of a set of three
//   ca-body=garbage|html|empty|chunked   ca-status=N        ca-type=WORD
//   ca-message=none|NAME   anything else in `message` gives 404
//   status=3,3,0       of each message in turn, then the last again; counted for each value of id=
//   fail=N|none|9      failInfo        text=WORD  failInfoText
//   content=leaf|root-leaf|leaf-root|root|foreign|stranger|garbage|garbage-envelope|none|empty|zero-byte|old|no-crl
//   signer=issuer|stranger|renewed       digest=sha1|md5…     cipher=des|3des…
//   wrong=transaction|prefix|nonce|type|status|signature     omit=transaction|nonce|content-type|digest|certificates
//   http=N             status of PKIOperation               type=WORD  of its body (message, text, upper, charset)
//   body=garbage|html|truncated|keep-alive|damage-N
//   no-17=fail|http    RenewalReq is refused                pwri=1     replies to EC keys with the challenge
//   long=N             a longer request target gets 414
#pragma once

#include <map>
#include <string>
#include <string_view>

namespace sscep_test {

class Knobs {
 public:
  explicit Knobs(std::string_view path) {
    std::size_t begin = 0;
    while (begin < path.size()) {
      const std::size_t end = std::min(path.find('/', begin), path.size());
      const std::string_view part = path.substr(begin, end - begin);
      if (const std::size_t equals = part.find('='); equals != std::string_view::npos)
        values_[std::string(part.substr(0, equals))] = part.substr(equals + 1);
      begin = end + 1;
    }
  }
  [[nodiscard]] std::string text(const std::string& name, std::string otherwise = {}) const {
    const auto found = values_.find(name);
    return found == values_.end() ? otherwise : found->second;
  }
  [[nodiscard]] int number(const std::string& name, int otherwise) const {
    const auto found = values_.find(name);
    return found == values_.end() ? otherwise : std::stoi(found->second);
  }
  [[nodiscard]] bool is(const std::string& name, std::string_view value) const { return text(name) == value; }

 private:
  std::map<std::string, std::string> values_;
};

}  // namespace sscep_test

// The SCEP server over HTTP, as the options name it.
#pragma once

#include "enrollers/scep/protocol/capabilities.hpp"
#include "enrollers/scep/protocol/http_answer.hpp"
#include "framework/compat/sscep/console.hpp"
#include "framework/compat/sscep/options.hpp"
#include "framework/net/http_client.hpp"

#include <string>
#include <string_view>

namespace certctl::sscep {

class Server {
 public:
  Server(const Options& options, const Console& console);

  // GetCACaps, which every operation begins with. A server that gives no list has no capabilities.
  scep::Capabilities capabilities();
  // `operation` with the CA identifier, if there is one.
  net::HttpReply ask(const std::string& operation);
  // A pkiMessage, by POST or in a URL.
  net::HttpReply send(const Bytes& message, bool post);

 private:
  net::HttpReply exchange(const net::HttpRequest& request);
  net::HttpReply attempt(const net::HttpRequest& request);
  [[nodiscard]] std::string with_monitor(const std::string& url) const;
  [[nodiscard]] std::string identifier() const;

  const Options& options_;
  const Console& console_;
  net::HttpClient client_;
};

scep::HttpAnswer answer_of(const net::HttpReply& reply);
// An HTTP answer that holds nothing of SCEP: exit 95, with what came instead.
[[noreturn]] void stop_no_scep(const net::HttpReply& reply, std::string_view what);
// Media types are compared without parameters, blanks and case.
[[nodiscard]] bool has_type(const net::HttpReply& reply, std::string_view type);

}  // namespace certctl::sscep

// Any text as the head and body of an HTTP reply, line by line as libcurl hands it over, and as the address that it may
// redirect to.
#include <cstddef>
#include <cstdint>
#include <string_view>

#include "framework/net/reply_collector.hpp"
#include "framework/net/url.hpp"
#include "framework/sys/printable.hpp"
#include "tests/fuzz/require.hpp"

using namespace certctl;
using fuzz::require;

namespace {

constexpr std::size_t kMostBody = 1000;

void read_reply(std::string_view text) {
  net::ReplyCollector collector(kMostBody);
  bool goes_on = true;
  while (goes_on && !text.empty() && !collector.headers_complete()) {
    const std::size_t line = std::min(text.find('\n'), text.size() - 1) + 1;
    goes_on = collector.take_header(text.substr(0, line));
    text.remove_prefix(line);
  }
  while (goes_on && !text.empty()) {
    const std::size_t piece = std::min<std::size_t>(text.size(), 100);
    goes_on = collector.count_received(piece) && collector.take_body(text.substr(0, piece));
    text.remove_prefix(piece);
  }
  require(goes_on == (collector.problem() == net::ReplyCollector::Problem::none), "who stops says why");
  require(goes_on || !collector.what().empty(), "a problem has words");
  const net::HttpReply reply = std::move(collector).reply();
  require(reply.body.size() <= kMostBody, "a body has its limit");
  require(reply.retry_after >= std::chrono::seconds{0} && reply.retry_after <= std::chrono::hours(24 * 365),
          "a delay is within a year");
  const std::string reason = fuzz::planted(reply.reason);
  require(sys::printable(reason) == reason && sys::printable(reply.content_type) == reply.content_type,
          "what is shown is one clean line");
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string text = fuzz::text_of(data, size);
  read_reply(text);
  fuzz::accepts([&] {
    const net::Url url = net::check_url(text);
    require(url.scheme == "http" || url.scheme == "https", "only these schemes are asked");
    require(sys::printable(url.shown) == url.shown, "an address is one clean line");
    require(url.shown.find_first_of("@?") == std::string::npos, "no password and no query is shown");
  });
  fuzz::accepts([&] {
    const std::string proxy = net::check_proxy(text);
    require(proxy.find('@') == std::string::npos, "no password of a proxy is shown");
  });
  return 0;
}

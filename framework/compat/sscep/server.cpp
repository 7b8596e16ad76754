#include "framework/compat/sscep/server.hpp"

#include "enrollers/scep/protocol/query.hpp"
#include "framework/compat/sscep/stop.hpp"

#include <algorithm>
#include <array>
#include <chrono>
#include <thread>

namespace certctl::sscep {
namespace {

constexpr std::chrono::seconds kTimeout{120};
constexpr std::size_t kMaxCapabilityBytes = 16U << 10U;
constexpr std::string_view kSendError = "error while sending message: ";
constexpr std::array<std::string_view, 11> kKnown{"AES",     "DES3",    "GetNextCACert", "POSTPKIOperation",
                                                  "Renewal", "SHA-1",   "SHA-224",       "SHA-256",
                                                  "SHA-384", "SHA-512", "SCEPStandard"};

net::HttpSettings settings_from(const Options& options) {
  net::HttpSettings settings;
  settings.proxy = options.proxy.value_or("");
  settings.tls_ca_file = options.tls_ca_file.value_or("");
  settings.timeout = kTimeout;
  settings.max_reply = 16U << 20U;
  settings.user_agent = "sscep (certctl)";
  return settings;
}

// -M goes out as it is written, except for what would end the query or break the request.
std::string query_safe(std::string_view text) {
  static constexpr char kHex[] = "0123456789ABCDEF";
  std::string out;
  for (const char c : text) {
    const auto octet = static_cast<unsigned char>(c);
    if (octet > 0x20U && octet < 0x7FU && std::string_view("#\"<>\\^`{|}").find(c) == std::string_view::npos) {
      out += c;
      continue;
    }
    out += '%';
    out += kHex[octet >> 4U];
    out += kHex[octet & 0x0FU];
  }
  return out;
}

bool same_word(std::string_view a, std::string_view b) {
  return scep::same_operation(a, b);
}

[[noreturn]] void stop_network(const net::HttpFailure& failure) {
  const Error& error = failure.error();
  if (error.code == "bad-url") throw Stop(ExitCode::error, error.message, "-u takes http://host[:port]/path");
  if (error.code == "bad-proxy") throw Stop(ExitCode::error, error.message, "-p takes host:port");
  if (error.code == "bad-ca-file") throw Stop(ExitCode::file, error.message, "--tls-ca takes certificates in PEM");
  const bool tls = error.code == "tls-untrusted";
  throw Stop(ExitCode::network, std::string(kSendError) + error.message,
             tls ? "name the CA that issued the server's certificate with --tls-ca" : "");
}

bool is_passing(const net::HttpFailure& failure) {
  const std::string& code = failure.error().code;
  return code == "ca-unreachable" || code == "reply-lost" || code == "deadline" || code == "tls-failed";
}

}  // namespace

Server::Server(const Options& options, const Console& console)
    : options_(options), console_(console), client_(settings_from(options)) {}

std::string Server::identifier() const {
  if (options_.identifier) return *options_.identifier;
  return Compat(options_.compat.value_or("")).has("identifier") ? "CAIdentifier" : "";
}

std::string Server::with_monitor(const std::string& url) const {
  return options_.monitor ? url + "&" + query_safe(*options_.monitor) : url;
}

net::HttpReply Server::attempt(const net::HttpRequest& request) {
  console_.verbose(std::string(request.method == net::HttpMethod::post ? "POST" : "GET") + " of " +
                   std::to_string(request.url.size()) + " characters and " + std::to_string(request.body.size()) +
                   " bytes");
  net::HttpReply reply = client_.send(request);
  console_.verbose("answer of " + reply.url + ", " + std::to_string(reply.body.size()) + " bytes");
  console_.verbose("server response status code: " + std::to_string(reply.status) +
                   ", MIME header: " + (reply.content_type.empty() ? "none" : reply.content_type));
  return reply;
}

// -W: pauses of 1, 2, 3 … seconds, the last one cut so that their sum is what was asked for.
net::HttpReply Server::exchange(const net::HttpRequest& request) {
  const long long budget = options_.retry_time ? lenient_number(*options_.retry_time) : 0;
  long long waited = 0;
  for (long long pause = 1;; ++pause) {
    try {
      return attempt(request);
    } catch (const net::HttpFailure& failure) {
      if (!is_passing(failure) || waited >= budget) throw;
      const long long seconds = std::min(pause, budget - waited);
      console_.problem(failure.error().message + "; trying again in " + std::to_string(seconds) + " s");
      std::this_thread::sleep_for(std::chrono::seconds(seconds));
      waited += seconds;
    }
  }
}

// SCEP-034, SCEP-045, SCEP-047
scep::Capabilities Server::capabilities() {
  net::HttpRequest request;
  // Only an identifier that was given: the reference tool never sends one here.
  request.url =
      scep::url_with_query(options_.url.value(), scep::plain_query("GetCACaps", options_.identifier.value_or("")));
  scep::Capabilities known;
  try {
    const net::HttpReply reply = exchange(request);
    const std::string_view text(reinterpret_cast<const char*>(reply.body.data()), reply.body.size());
    if (reply.status == 200 && text.size() <= kMaxCapabilityBytes) known = scep::parse_capabilities(text);
  } catch (const net::HttpFailure& failure) {
    // RFC 8894 §3.5.2, SCEP-048: some servers close the connection when they do not know the operation.
    if (failure.nothing_sent() || failure.error().code == "deadline") stop_network(failure);
    console_.problem("no capabilities: " + failure.error().message);
  }
  for (const std::string& word : known.words)
    if (std::none_of(kKnown.begin(), kKnown.end(), [&](std::string_view one) { return same_word(one, word); }))
      console_.problem("unknown capability " + word);
  std::string list;
  for (const std::string_view one : kKnown)
    if (std::any_of(known.words.begin(), known.words.end(), [&](const auto& word) { return same_word(one, word); }))
      list.append(list.empty() ? "" : ", ").append(one);
  if (options_.operation == Operation::get_caps) {
    console_.say("scep capabilities: " + list);
  } else {
    console_.verbose("the server announces: " + list);
  }
  return known;
}

net::HttpReply Server::ask(const std::string& operation) {
  net::HttpRequest request;
  request.url = with_monitor(scep::url_with_query(options_.url.value(), scep::plain_query(operation, identifier())));
  try {
    return exchange(request);
  } catch (const net::HttpFailure& failure) {
    stop_network(failure);
  }
}

net::HttpReply Server::send(const Bytes& message, bool post) {
  net::HttpRequest request;
  // SCEP-133, SCEP-136
  if (post) {
    request.method = net::HttpMethod::post;
    request.url = with_monitor(scep::url_with_query(options_.url.value(), "operation=PKIOperation"));
    request.content_type = scep::kContentTypeMessage;
    request.body = message;
  } else {
    request.url = with_monitor(scep::url_with_query(options_.url.value(), scep::message_query(message)));
  }
  try {
    return exchange(request);
  } catch (const net::HttpFailure& failure) {
    stop_network(failure);
  }
}

scep::HttpAnswer answer_of(const net::HttpReply& reply) {
  return {reply.status, reply.reason, reply.content_type, reply.body};
}

void stop_no_scep(const net::HttpReply& reply, std::string_view what) {
  std::string hint;
  // SCEP-135
  if (reply.status == 413 || reply.status == 414 || reply.status == 431)
    hint = "the request is too long for a URL, and the server does not announce POSTPKIOperation";
  throw Stop(ExitCode::network, std::string(kSendError) + scep::describe_non_scep(answer_of(reply), what), hint);
}

bool has_type(const net::HttpReply& reply, std::string_view type) {
  std::string_view given = reply.content_type;
  given = given.substr(0, given.find(';'));
  while (!given.empty() && (given.back() == ' ' || given.back() == '\t')) given.remove_suffix(1);
  return scep::same_operation(given, type);
}

}  // namespace certctl::sscep

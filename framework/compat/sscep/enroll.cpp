#include "enrollers/scep/protocol/names.hpp"
#include "framework/compat/sscep/exchange.hpp"
#include "framework/compat/sscep/files.hpp"
#include "framework/compat/sscep/operations.hpp"
#include "framework/compat/sscep/polling.hpp"
#include "framework/compat/sscep/stop.hpp"
#include "framework/compat/sscep/transaction_id.hpp"
#include "framework/crypto/chain.hpp"
#include "framework/crypto/self_signed.hpp"

#include <algorithm>
#include <chrono>
#include <thread>

namespace certctl::sscep {
namespace {

constexpr std::chrono::hours kSignerLifetime{30 * 24};

class Enrollment {
 public:
  explicit Enrollment(const Task& task)
      : task_(task),
        options_(task.options),
        console_(task.console),
        compat_(task.options.compat.value_or("")),
        set_(load_ca_set(task.options, task.console, std::chrono::system_clock::now())),
        key_(task.keys.load(*task.options.key_file)) {
    read_renewal();
    request_ = read_request(*options_.request_file);
    if (!old_ && !request_->public_key().same_public_key(key_))
      throw Stop(ExitCode::file,
                 "the request in " + *options_.request_file + " does not belong to the key in " + *options_.key_file);
    check_writable(*options_.local_file);
    if (options_.chain_file) check_writable(*options_.chain_file);
    if (options_.signer_file) or_error([&] { check_writable(*options_.signer_file); });
    read_limits();
  }

  void run() {
    Exchange exchange(options_, console_, task_.server, set_, task_.capabilities);
    make_identity(exchange.digest());
    write_signer();
    scep::Reply reply = options_.resume ? resume(exchange) : request(exchange);
    while (reply.status == scep::PkiStatus::pending) {
      if (!may_poll(limits_, number_)) throw Stop(ExitCode::pending, "the CA has not decided yet; go on later with -R");
      std::this_thread::sleep_for(std::chrono::seconds(std::max(0LL, limits_.interval)));
      reply = poll(exchange);
    }
    if (reply.status == scep::PkiStatus::failure) stop_failure(reply);
    take(exchange, reply);
  }

 private:
  template <class Body>
  static void or_error(Body&& body) {
    try {
      body();
    } catch (const Stop& stop) {
      throw Stop(ExitCode::error, stop.message());
    }
  }

  void read_renewal() {
    if (options_.old_key_file && !options_.old_certificate_file)
      throw Stop(ExitCode::file, "-K needs -O: the certificate that belongs to the key");
    if (options_.old_certificate_file && !options_.old_key_file)
      throw Stop(ExitCode::file, "-O needs -K: the key that belongs to the certificate");
    if (!options_.old_key_file) return;
    crypto::Key old_key = task_.keys.load(*options_.old_key_file);
    crypto::Certificate old = read_certificate(*options_.old_certificate_file);
    if (!old.carries(old_key))
      throw Stop(ExitCode::file, "the certificate in " + *options_.old_certificate_file +
                                     " does not belong to the key in " + *options_.old_key_file);
    old_.emplace(Identity{std::move(old), std::move(old_key), Secret()});
  }

  void read_limits() {
    if (options_.interval) limits_.interval = lenient_number(*options_.interval);
    if (options_.poll_time) limits_.time = lenient_number(*options_.poll_time);
    if (options_.polls) limits_.count = lenient_number(*options_.polls);
  }

  void make_identity(crypto::Digest digest) {
    const Bytes spki = request_->public_key().spki_der();
    if (old_) {
      identity_ = old_;
      // A key that is kept would repeat the ID of its first enrollment, and servers answer with the old certificate.
      const bool kept = old_->certificate.carries(request_->public_key());
      id_ = kept ? transaction_id_of(spki, old_->certificate.der()) : transaction_id_of(spki);
    } else {
      id_ = transaction_id_of(spki);
      console_.verbose("generating the self-signed certificate that signs the request");
      identity_ = or_stop(ExitCode::signer, "no self-signed certificate", [&] {
        return Identity{crypto::make_self_signed(request_->subject_der(), key_, std::chrono::system_clock::now(),
                                                 kSignerLifetime, digest),
                        key_, Secret()};
      });
    }
    // RFC 8894 §3.1: the challenge protects what goes to and from keys that cannot decrypt.
    if (request_->challenge_password()) identity_->password = *request_->challenge_password();
  }

  void write_signer() {
    if (!options_.signer_file) return;
    or_error([&] { write_output(*options_.signer_file, identity_->certificate.to_pem()); });
    console_.say("selfsigned certificate written as " + *options_.signer_file);
  }

  scep::Reply request(Exchange& exchange) {
    console_.say("sending certificate request");
    // SCEP-013
    if (!old_ || !task_.capabilities.renewal || compat_.has("renewal-19"))
      return exchange.send(scep::MessageType::pkcs_req, id_, request_->der(), *identity_);
    const std::optional<scep::Reply> reply =
        exchange.try_send(scep::MessageType::renewal_req, id_, request_->der(), *identity_);
    if (reply && !asks_for_another_way(*reply)) return *reply;
    // Servers that announce Renewal and know only the older way. Another message has another ID.
    console_.problem("the CA does not accept a RenewalReq; sending a PKCSReq signed with the certificate in service");
    id_ = other_id();
    return exchange.send(scep::MessageType::pkcs_req, id_, request_->der(), *identity_);
  }

  static bool asks_for_another_way(const scep::Reply& reply) {
    return reply.status == scep::PkiStatus::failure && reply.fail_info &&
           (*reply.fail_info == scep::FailInfo::bad_request || *reply.fail_info == scep::FailInfo::bad_message_check ||
            *reply.fail_info == scep::FailInfo::bad_cert_id);
  }

  [[nodiscard]] std::string other_id() const {
    Bytes purpose = old_->certificate.der();
    purpose.push_back(static_cast<std::uint8_t>(scep::MessageType::pkcs_req));
    return transaction_id_of(request_->public_key().spki_der(), purpose);
  }

  // SCEP-118, SCEP-174, SCEP-175
  scep::Reply poll(Exchange& exchange) {
    console_.say("requesting certificate (#" + std::to_string(number_++) + ")");
    const Bytes content = scep::encode(scep::IssuerAndSubject{set_.issuer_name(), request_->subject_der()});
    return exchange.send(scep::MessageType::cert_poll, id_, content, *identity_);
  }

  scep::Reply resume(Exchange& exchange) {
    if (limits_.count < 1) throw Stop(0);  // no poll is wanted: there is nothing to do
    scep::Reply reply = poll(exchange);
    const bool unknown = reply.status == scep::PkiStatus::failure && reply.fail_info == scep::FailInfo::bad_cert_id;
    if (!unknown || !old_ || !task_.capabilities.renewal || compat_.has("renewal-19")) return reply;
    console_.problem("the CA does not know the RenewalReq; asking for the PKCSReq that may have followed it");
    id_ = other_id();
    --number_;
    return poll(exchange);
  }

  void take(Exchange& exchange, scep::Reply& reply) {
    const crypto::CertificateBag bag = exchange.open(reply, *identity_);
    const crypto::Certificate issued = find(bag);
    std::vector<crypto::Certificate> others = bag.certificates;
    others.insert(others.end(), reply.certificates.begin(), reply.certificates.end());
    if (old_ && issued == old_->certificate)
      throw Stop(ExitCode::file, "the CA sent the certificate in service again",
                 "make the request with a new key, or ask the operator when renewal is allowed");
    if (!compat_.has("issued") && !vouches_for(set_, issued, others))
      throw Stop(ExitCode::message,
                 "the certificate " + issued.serial() + " does not come from the CA that -c names, but from " +
                     issued.issuer_text(),
                 "put the certificates of getca there; --compat issued takes the certificate all the same");
    if (issued.subject_der() != request_->subject_der())
      console_.problem("Subject of our request does not match that of the returned Certificate! It is " +
                       issued.subject_text());
    deliver(*options_.local_file, issued.to_pem());
    console_.verbose("certificate written as " + *options_.local_file);
    if (options_.chain_file) write_chain(issued, others);
  }

  crypto::Certificate find(const crypto::CertificateBag& bag) const {
    if (compat_.has("issued")) {
      for (const crypto::Certificate& certificate : bag.certificates)
        if (!certificate.is_self_issued()) return certificate;
      throw Stop(ExitCode::file, "cannot find requested certificate: there is none in the reply");
    }
    try {
      return scep::find_issued(bag.certificates, request_->public_key().get());
    } catch (const Failure& failure) {
      std::string text = "cannot find requested certificate: " + failure.error().message;
      for (const crypto::Certificate& certificate : bag.certificates)
        text += "; there is " + certificate.subject_text() + " of " + certificate.issuer_text();
      throw Stop(ExitCode::file, text);
    }
  }

  // What cannot be written is shown: the CA may not give it a second time.
  void deliver(const std::string& path, const std::string& pem) const {
    try {
      write_output(path, pem);
    } catch (const Stop&) {
      console_.problem("the certificate that cannot be written:");
      Console::plain(pem);
      throw;
    }
  }

  void write_chain(const crypto::Certificate& issued, std::span<const crypto::Certificate> others) const {
    std::vector<crypto::Certificate> bundle{issued};
    bundle.insert(bundle.end(), others.begin(), others.end());
    bundle.insert(bundle.end(), set_.trusted.begin(), set_.trusted.end());
    const crypto::Key key = request_->public_key();
    std::string text;
    for (const crypto::Certificate& certificate : crypto::order_leaf_and_chain(bundle, &key).chain)
      text += certificate.to_pem();
    write_output(*options_.chain_file, text);
    console_.verbose("chain written as " + *options_.chain_file);
  }

  const Task& task_;
  const Options& options_;
  const Console& console_;
  Compat compat_;
  CaSet set_;
  crypto::Key key_;
  std::optional<crypto::Csr> request_;
  std::optional<Identity> old_;       // renewal: certificate in service and its key
  std::optional<Identity> identity_;  // who signs
  std::string id_;
  PollLimits limits_;
  long long number_ = 1;  // of the next poll
};

}  // namespace

void enroll(const Task& task) {
  Enrollment(task).run();
}

}  // namespace certctl::sscep

#include "framework/config/request_reader.hpp"

#include <algorithm>

#include "framework/config/option_reader.hpp"
#include "framework/config/value_text.hpp"
#include "framework/crypto/alt_name.hpp"
#include "framework/crypto/name.hpp"
#include "framework/crypto/usage.hpp"

namespace certctl::config {
namespace {

// Runs what may throw a Failure about the text of a node.
template <class Body>
void at_node(const Node& node, const std::string& name, Report& report, Body&& body) {
  try {
    body();
  } catch (const Failure& failure) {
    report.error(node.mark(), failure.error().code, name + ": " + failure.error().message, failure.error().hint);
  }
}

void read_subject(const Entry& entry, const SerialSource& serial, CertificateRequest& request, Report& report) {
  const auto text = read_text(entry.value, "subject", report);
  if (!text) return;
  at_node(entry.value, "subject", report, [&] {
    request.subject = crypto::parse_subject(substitute_serial(*text, serial));
    report.value("subject", scalar_text(crypto::subject_slash_text(request.subject)), entry.mark());
  });
}

void read_alt_names(const Entry& entry, const SerialSource& serial, CertificateRequest& request, Report& report) {
  std::vector<std::string> shown;
  const auto read_one = [&](const Node& node) {
    if (node.is_map()) {
      report.error(node.mark(), "wrong-type", "san: an entry must be text, and is a map",
                   "put it in quotes, without a blank after the colon: \"DNS:host.example\"");
      return;
    }
    const auto text = read_text(node, "san: an entry", report);
    if (!text) return;
    at_node(node, "san", report, [&] {
      for (AltName& name : crypto::parse_alt_names(substitute_serial(*text, serial))) {
        const std::string identity = crypto::alt_name_identity(name);
        const bool known = std::any_of(request.alt_names.begin(), request.alt_names.end(), [&](const AltName& other) {
          return crypto::alt_name_identity(other) == identity;
        });
        if (known) {
          report.warning(node.mark(), "repeated-name", "san: " + crypto::alt_name_text(name) + " is here twice",
                         "remove one of them");
          continue;
        }
        shown.push_back(crypto::alt_name_text(name));
        request.alt_names.push_back(std::move(name));
      }
    });
  };
  if (entry.value.is_sequence()) {
    for (const Node& node : entry.value.items) read_one(node);
  } else {
    read_one(entry.value);
  }
  report.value("san", list_text(shown), entry.mark());
}

void read_template(const Entry& entry, CertificateRequest& request, Report& report) {
  if (!entry.value.is_map()) {
    report.error(entry.value.mark(), "wrong-type",
                 std::string("template must be a map, and is ") + kind_word(entry.value.kind),
                 "write { name: NAME, string: bmp }");
    return;
  }
  check_keys(entry.value, {"name", "string"}, "in template", report);
  CertificateTemplate& result = request.certificate_template;
  Mark string_mark;
  if (const Entry* string = entry.value.find("string")) {
    string_mark = string->mark();
    if (const auto word = read_choice(string->value, {"bmp", "utf8"}, "template: string", report))
      result.string = *word == "bmp" ? TemplateString::bmp : TemplateString::utf8;
  }
  const Entry* name = entry.value.find("name");
  if (name == nullptr) {
    report.error(entry.mark(), "missing-key", "template: name is missing");
    return;
  }
  const auto text = read_text(name->value, "template: name", report);
  if (!text) return;
  if (text->empty()) {
    report.error(name->value.mark(), "empty-value", "template: name is empty", "remove `template` to ask for none");
    return;
  }
  result.name = *text;
  report.value("template.name", scalar_text(*text), name->mark());
  report.value("template.string", result.string == TemplateString::bmp ? "bmp" : "utf8", string_mark);
}

void read_usage(const Entry& entry, CertificateRequest& request, Report& report) {
  const auto names = read_list(entry.value, "usage", report);
  if (!names) return;
  // One by one, for the place of the wrong one.
  std::vector<std::string> good;
  for (std::size_t i = 0; i < names->size(); ++i) {
    const Node& node = entry.value.is_sequence() ? entry.value.items[i] : entry.value;
    at_node(node, "usage", report, [&] {
      (void)crypto::parse_usage({(*names)[i]});
      good.push_back((*names)[i]);
    });
  }
  request.usage = crypto::usage_names(crypto::parse_usage(good));
  report.value("usage", list_text(request.usage), entry.mark());
}

}  // namespace

void read_request(const Node& profile, const SerialSource& serial, CertificateRequest& request, Report& report) {
  if (const Entry* entry = profile.find("subject")) read_subject(*entry, serial, request, report);
  if (const Entry* entry = profile.find("san")) read_alt_names(*entry, serial, request, report);
  if (const Entry* entry = profile.find("template")) read_template(*entry, request, report);
  if (const Entry* entry = profile.find("usage")) read_usage(*entry, request, report);
  if (profile.find("subject") == nullptr && profile.find("san") == nullptr)
    report.error(profile.mark(), "missing-key", "the profile asks for no subject and no alternative name",
                 "write subject: /CN=NAME");
}

}  // namespace certctl::config

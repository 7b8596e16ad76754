#include <algorithm>
#include <array>
#include <charconv>
#include <string_view>

#include "framework/sdk/exec/environment.hpp"
#include "framework/sdk/exec/exec_plugin.hpp"
#include "framework/sdk/exec/lines.hpp"
#include "framework/sys/printable.hpp"
#include "framework/sys/shown_output.hpp"
#include "framework/sys/subprocess.hpp"

namespace certctl::exec {
namespace {

constexpr const char* kProtocol = "1";
constexpr std::chrono::seconds kDescribeTime{10};
constexpr std::chrono::seconds kLongestTime{3600};
constexpr std::size_t kLongestDescription = 64 * 1024;
constexpr std::size_t kMostOptions = 100;

struct KindWord {
  std::string_view word;
  certctl_kind kind;
  std::string_view powers;  // each between blanks
};
constexpr std::array<KindWord, 3> kKinds{{
    {"enroller", CERTCTL_KIND_ENROLLER,
     " fetch_trust_anchors fetch_next_anchors fetch_certificate fetch_crl revoke renewal_window "},
    {"distributor", CERTCTL_KIND_DISTRIBUTOR, " reload verify "},
    {"hook", CERTCTL_KIND_HOOK, " veto "},
}};

constexpr std::array<std::pair<std::string_view, OptionType>, 11> kTypes{{
    {"text", OptionType::text},
    {"path", OptionType::path},
    {"integer", OptionType::integer},
    {"boolean", OptionType::boolean},
    {"duration", OptionType::duration},
    {"size", OptionType::size},
    {"choice", OptionType::choice},
    {"list", OptionType::list},
    {"map", OptionType::map},
    {"command", OptionType::command},
    {"secret", OptionType::secret},
}};

bool is_name(std::string_view name) {
  const auto plain = [](char c) { return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9'); };
  return !name.empty() && name.size() <= 64 && plain(name[0]) &&
         std::all_of(name.begin(), name.end(), [&](char c) { return plain(c) || c == '_' || c == '-'; });
}

Failure malformed_description(const std::string& what) {
  return Failure::never("plugin-malformed", "its description " + what, "see EXEC-PROTOCOL.md, `describe`");
}

std::string shown(const std::string& text) {
  return "'" + sys::printable_start(text, 100) + "'";
}

bool flag(const std::string& key, const std::string& value) {
  if (value != "true" && value != "false")
    throw malformed_description("says " + key + "=" + shown(value) + ", not true or false");
  return value == "true";
}

}  // namespace

// Line by line: those from option= to the next belong to that option.
class DescriptionReader {
 public:
  static std::shared_ptr<const ExecPlugin> read(const std::string& path, const std::string& description) {
    DescriptionReader reader;
    reader.plugin_->path_ = path;
    Lines lines;
    try {
      lines = Lines::parse(description);
    } catch (const Failure& failure) {
      throw malformed_description("can't be read: " + failure.error().message);
    }
    for (const auto& [key, value] : lines.in_order()) {
      if (key.starts_with("option")) {
        reader.take_option(key, value);
      } else {
        reader.take(key, value);
      }
    }
    reader.finish();
    return std::move(reader.plugin_);
  }

 private:
  void take(const std::string& key, const std::string& value) {
    if (key == "protocol") {
      if (value != kProtocol) {
        throw Failure::never("plugin-revision", "it speaks protocol " + shown(value) + ", not " + kProtocol,
                             "install a version of the plugin for this certctl");
      }
      protocol_ = true;
    } else if (key == "kind") {
      for (const auto& known : kKinds) {
        if (known.word == value) kind_ = &known;
      }
      if (kind_ == nullptr) throw malformed_description("says kind=" + shown(value) + ", which can't be an executable");
      plugin_->kind_ = kind_->kind;
    } else if (key == "name") {
      if (!is_name(value)) throw malformed_description("says name=" + shown(value) + ", which is no plugin's name");
      plugin_->name_ = value;
    } else if (key == "version") {
      plugin_->version_ = sys::printable_start(value, 50);
    } else if (key == "summary") {
      plugin_->summary_ = sys::printable_start(value, 200);
    } else if (key == "power") {
      plugin_->powers_.insert(value);
    } else if (key == "timeout") {
      long long seconds = 0;
      const auto [end, error] = std::from_chars(value.data(), value.data() + value.size(), seconds);
      if (error != std::errc() || end != value.data() + value.size() || seconds < 1 || seconds > kLongestTime.count()) {
        throw malformed_description("says timeout=" + shown(value) + ", which is no number of seconds up to 3600");
      }
      plugin_->timeout_ = std::chrono::seconds{seconds};
    } else {
      throw malformed_description("says " + shown(key) + ", which means nothing");
    }
  }

  void take_option(const std::string& key, const std::string& value) {
    if (key == "option") {
      if (!is_name(value)) throw malformed_description("says option=" + shown(value) + ", which is no option's name");
      for (const auto& other : plugin_->options_) {
        if (value == other.name) throw malformed_description("names the option " + shown(value) + " twice");
      }
      if (plugin_->options_.size() == kMostOptions) throw malformed_description("has more than 100 options");
      plugin_->options_.push_back({keep(value), OptionType::text, "", false, false, "", ""});
      return;
    }
    if (plugin_->options_.empty()) throw malformed_description("says " + shown(key) + " before the first option=");
    OptionSpec& option = plugin_->options_.back();
    if (key == "option.type") {
      const auto* type =
          std::find_if(kTypes.begin(), kTypes.end(), [&](const auto& known) { return known.first == value; });
      if (type == kTypes.end()) throw malformed_description("says option.type=" + shown(value) + ", which is no type");
      option.type = type->second;
    } else if (key == "option.default") {
      option.default_value = keep(value);
    } else if (key == "option.required") {
      option.required = flag(key, value);
    } else if (key == "option.identity") {
      option.identity = flag(key, value);
    } else if (key == "option.choices") {
      option.choices = keep(value);
    } else if (key == "option.text") {
      option.text = keep(sys::printable_start(value, 300));
    } else {
      throw malformed_description("says " + shown(key) + ", which means nothing");
    }
  }

  void finish() const {
    if (!protocol_) throw malformed_description("does not say protocol=1");
    if (kind_ == nullptr) throw malformed_description("does not say its kind");
    if (plugin_->name_.empty()) throw malformed_description("does not say its name");
    for (const auto& power : plugin_->powers_) {
      if (power.find(' ') != std::string::npos || kind_->powers.find(" " + power + " ") == std::string_view::npos) {
        throw malformed_description("says power=" + shown(power) + ", which no " + std::string(kind_->word) + " has");
      }
    }
    for (const auto& option : plugin_->options_) {
      const bool choices = *option.choices != '\0';
      if (choices != (option.type == OptionType::choice)) {
        throw malformed_description("gives choices to the option " + shown(option.name) +
                                    " of another type, or a choice without any");
      }
      if (option.required && *option.default_value != '\0') {
        throw malformed_description("gives a default to the required option " + shown(option.name));
      }
      // A default is written in one line; these types have none such.
      if ((option.type == OptionType::map || option.type == OptionType::secret) && *option.default_value != '\0') {
        throw malformed_description("gives a default to the option " + shown(option.name) + ", whose type has none");
      }
    }
  }

  const char* keep(const std::string& text) {
    plugin_->texts_.push_back(std::make_unique<std::string>(text.c_str()));
    return plugin_->texts_.back()->c_str();
  }

  // Not make_shared: the constructor is private to the class and this reader.
  std::shared_ptr<ExecPlugin> plugin_{new ExecPlugin};
  bool protocol_ = false;
  const KindWord* kind_ = nullptr;
};

std::shared_ptr<const ExecPlugin> ExecPlugin::parse(const std::string& path, const std::string& description) {
  return DescriptionReader::read(path, description);
}

std::shared_ptr<const ExecPlugin> ExecPlugin::load(const std::string& path) {
  sys::ProcessRequest request;
  request.command = {false, {path, "describe"}};
  request.environment = exec_environment();
  request.file_mask = 077;
  request.timeout = kDescribeTime;
  request.output_limit = kLongestDescription;
  request.error_limit = 4096;
  sys::ProcessResult result;
  try {
    result = sys::run_process(request);
  } catch (const Failure& failure) {
    throw Failure::never("plugin-unloadable", failure.error().message, failure.error().hint);
  }
  if (!result.succeeded()) {
    const std::string said = sys::shown_output(result.errors);
    throw Failure::never("plugin-unloadable", "`describe` failed: " + sys::describe_end(result) +
                                                  (said.empty() ? "" : "; it said: " + said));
  }
  if (result.output_cut) throw malformed_description("is longer than 64 KiB");
  return parse(path, result.output);
}

bool is_exec_file_name(const std::string& file_name, std::string& kind, std::string& name) {
  const std::size_t mark = file_name.find('_');
  if (mark == std::string::npos) return false;
  kind = file_name.substr(0, mark);
  name = file_name.substr(mark + 1);
  return is_name(name) &&
         std::any_of(kKinds.begin(), kKinds.end(), [&](const KindWord& known) { return known.word == kind; });
}

}  // namespace certctl::exec

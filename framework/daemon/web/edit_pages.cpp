#include <algorithm>

#include "framework/daemon/web/pages.hpp"
#include "framework/daemon/web/profile_view.hpp"
#include "framework/page/profile_fields.hpp"

namespace certctl::web {
namespace {

using nlohmann::json;
using page::escaped;
using page::Field;
using page::FieldKind;
using page::Tone;
using page::url_part;

// What a text area sends has CR LF at its line ends.
std::string without_cr(const std::string& text) {
  std::string result;
  for (std::size_t i = 0; i < text.size(); ++i)
    if (text[i] != '\r' || (i + 1 < text.size() && text[i + 1] != '\n')) result += text[i];
  return result;
}

bool is_profile_name(const std::string& name) {
  constexpr std::string_view kFirst = "abcdefghijklmnopqrstuvwxyz0123456789";
  constexpr std::string_view kRest = "abcdefghijklmnopqrstuvwxyz0123456789._-";
  return !name.empty() && name.size() <= 63 && kFirst.find(name.front()) != std::string_view::npos &&
         name.find_first_not_of(kRest) == std::string::npos;
}

std::string problems_html(const json& problems) {
  std::string html;
  for (const json& problem : problems) {
    const bool error = text_at(problem, "severity") == "error";
    const int line = problem.value("line", 0);
    html += page::box({(line > 0 ? "Line " + std::to_string(line) + ": " : "") + text_at(problem, "message"),
                       text_at(problem, "hint")},
                      error ? Tone::bad : Tone::warning);
  }
  return html;
}

std::string check_box(const Field& field, bool on) {
  const std::string name = field.name;
  return "<div class=\"check\"><input type=\"checkbox\" id=\"" + name + "\" name=\"" + name + "\" value=\"1\"" +
         (on ? " checked" : "") + "><label for=\"" + name + "\">" + escaped(field.label) + "</label></div>\n";
}

std::string field_row(const Field& field, const std::string& value) {
  if (field.kind == FieldKind::flag) return check_box(field, value == "1");
  const std::string name = field.name;
  const std::string attributes = " id=\"" + name + "\" name=\"" + name + "\"";
  std::string html = "<div class=\"row\"><label for=\"" + name + "\">" + escaped(field.label) + "</label><div>";
  if (field.kind == FieldKind::choice) {
    html += "<select" + attributes + ">";
    std::string choices = field.choices;
    for (std::size_t begin = 0; begin < choices.size();) {
      const std::size_t end = std::min(choices.find(' ', begin), choices.size());
      const std::string choice = choices.substr(begin, end - begin);
      html += "<option" + std::string(choice == value ? " selected" : "") + ">" + escaped(choice) + "</option>";
      begin = end + 1;
    }
    html += "</select>";
  } else if (field.kind == FieldKind::yaml) {
    // The first line feed after <textarea> is not part of the value.
    html += "<textarea rows=\"4\" spellcheck=\"false\" maxlength=\"" + std::to_string(field.most) + "\"" + attributes +
            ">\n" + escaped(value) + "</textarea>";
  } else {
    html += "<input type=\"text\" spellcheck=\"false\" maxlength=\"" + std::to_string(field.most) + "\"" + attributes +
            " value=\"" + escaped(value) + "\">";
  }
  if (field.note[0] != '\0') html += "<span class=\"note below\">" + escaped(field.note) + "</span>";
  return html + "</div></div>\n";
}

std::string challenge_row(bool is_set) {
  return std::string(
             "<div class=\"row\"><label for=\"challenge\">New challenge password</label><div><input type=\"password\" "
             "id=\"challenge\" name=\"challenge\" maxlength=\"200\" autocomplete=\"off\"><span class=\"note below\">") +
         (is_set ? "one is set; empty: it stays" : "kept in a file that root alone reads") + "</span></div></div>\n";
}

std::string fields_html(const page::FieldValues& values) {
  std::string html;
  std::string group;
  for (const Field& field : page::profile_fields()) {
    if (group != field.group) {
      html += (group.empty() ? "" : "</fieldset>\n") + std::string("<fieldset><legend>") + field.group + "</legend>\n";
      group = field.group;
    }
    const auto value = values.find(field.name);
    html += field_row(field, value == values.end() ? std::string() : value->second);
    if (std::string_view(field.name) == "challenge_file")
      html += challenge_row(value != values.end() && !value->second.empty());
  }
  return html + "</fieldset>\n";
}

page::FieldValues values_of(const page::Form& form) {
  page::FieldValues values;
  for (const Field& field : page::profile_fields()) values[field.name] = without_cr(page::field(form, field.name));
  return values;
}

page::FieldValues values_of(const json& form) {
  page::FieldValues values;
  for (const auto& [name, value] : form.items())
    if (value.is_string()) values[name] = value.get<std::string>();
  return values;
}

std::string address_of(const std::string& profile) {
  return profile.empty() ? "/global" : "/profiles/" + url_part(profile) + "/edit";
}

struct Editor {
  std::string profile;  // empty: certctl.yaml
  std::string file;
  std::string version;
  json problems = json::array();
  std::string notice;
  Tone tone = Tone::bad;
};

std::string form_editor(const Visit& visit, const Editor& editor, const page::FieldValues& values, bool is_new) {
  std::string html =
      page::box(editor.notice.empty() ? std::vector<std::string>() : std::vector{editor.notice}, editor.tone) +
      problems_html(editor.problems);
  html += "<form method=\"post\" action=\"" + (is_new ? std::string("/new") : address_of(editor.profile)) +
          "\" accept-charset=\"utf-8\" autocomplete=\"off\">\n" + visit.token_field();
  if (is_new) {
    html +=
        "<div class=\"row\"><label for=\"name\">Name</label><div><input type=\"text\" id=\"name\" name=\"name\" "
        "maxlength=\"63\" "
        "required spellcheck=\"false\" value=\"" +
        escaped(editor.profile) + "\"><span class=\"note below\">a-z, 0-9, '.', '_' and '-'</span></div></div>\n";
  } else {
    html += page::hidden_field("version", editor.version) + page::hidden_field("how", "form");
  }
  return html + fields_html(values) +
         "<button type=\"submit\" name=\"do\" value=\"save\">Save</button>"
         "<button type=\"submit\" name=\"do\" value=\"check\" class=\"quiet\">Check only</button>\n</form>\n";
}

std::string text_editor(const Visit& visit, const Editor& editor, const std::string& text) {
  std::string html =
      page::box(editor.notice.empty() ? std::vector<std::string>() : std::vector{editor.notice}, editor.tone) +
      problems_html(editor.problems);
  html += "<form method=\"post\" action=\"" + address_of(editor.profile) +
          "\" accept-charset=\"utf-8\" autocomplete=\"off\">\n" + visit.token_field() +
          page::hidden_field("version", editor.version) + page::hidden_field("how", "text") + "<label for=\"text\">" +
          escaped(editor.file) +
          "</label>\n<textarea class=\"code\" id=\"text\" name=\"text\" spellcheck=\"false\">\n" + escaped(text) +
          "</textarea>\n<p><button type=\"submit\" name=\"do\" value=\"save\">Save</button>"
          "<button type=\"submit\" name=\"do\" value=\"check\" class=\"quiet\">Check only</button></p>\n</form>\n";
  return html;
}

std::string title_of(const std::string& profile) {
  return profile.empty() ? "Global" : profile + ": settings";
}

Place place_of(const std::string& profile) {
  return profile.empty() ? Place::global : Place::profile;
}

page::Response show_import(const Visit& visit, const Editor& editor, const std::string& text) {
  return visit.html(
      Place::profile, title_of(editor.profile),
      page::box({"This profile is made of the router app's settings: change those at Global."}, Tone::plain) +
          "<pre class=\"code\">" + escaped(text) + "</pre>\n");
}

// The question for the engine: the same for checking and saving.
json question_of(const page::Form& form, const std::string& profile, bool as_form, bool save) {
  json question = {{"verb", save ? "save" : "lint"}};
  if (!profile.empty()) question["profiles"] = {profile};
  if (as_form) {
    question["form"] = values_of(form);
  } else {
    question["text"] = without_cr(page::field(form, "text"));
  }
  if (save && !page::field(form, "version").empty()) question["version"] = page::field(form, "version");
  if (save && as_form && !page::field(form, "challenge").empty())
    question["challenge"] = page::field(form, "challenge");
  return question;
}

// What was sent, and what the engine says to it.
page::Response judged(Visit& visit, Editor editor, const page::Form& form, bool as_form, bool is_new) {
  const bool save = page::field(form, "do") == "save";
  const EngineAnswer answer = visit.ask(question_of(form, editor.profile, as_form, save));
  if (answer.code() == "session-needed") return visit.failed(answer);
  int status = 422;
  if (!answer.ok()) {
    editor.notice = text_at(answer.error, "message") + ": " + text_at(answer.error, "hint");
  } else {
    editor.file = text_at(answer.result, "file");
    editor.problems = answer.result.value("problems", json::array());
    const bool errors = std::any_of(editor.problems.begin(), editor.problems.end(),
                                    [](const json& problem) { return text_at(problem, "severity") == "error"; });
    if (save && answer.result.value("saved", false))
      return Visit::redirect(editor.profile.empty() ? "/global?saved=1" : "/profiles/" + url_part(editor.profile));
    if (answer.result.value("conflict", false)) {
      status = 409;
      editor.notice =
          "Nothing was saved: the file was changed meanwhile. Open the page again to see what it says now; "
          "your text is below.";
      if (is_new) editor.notice = "Nothing was saved: there is a profile of that name already.";
    } else if (errors) {
      editor.notice = save ? "Nothing was saved: correct what is wrong." : "There is something wrong.";
    } else {
      status = 200;
      editor.notice = "Nothing is wrong with it. It is not saved yet.";
      editor.tone = Tone::good;
    }
  }
  const std::string html = as_form ? form_editor(visit, editor, values_of(form), is_new)
                                   : text_editor(visit, editor, without_cr(page::field(form, "text")));
  return visit.html(is_new ? Place::other : place_of(editor.profile), is_new ? "New profile" : title_of(editor.profile),
                    html, status);
}

}  // namespace

page::Response show_editor(Visit& visit, const std::string& profile) {
  visit.set_current(profile);
  json question = {{"verb", "configuration"}};
  if (!profile.empty()) question["profiles"] = {profile};
  const EngineAnswer answer = visit.ask(question);
  if (!answer.ok()) return visit.failed(answer);
  Editor editor{profile,
                text_at(answer.result, "file"),
                text_at(answer.result, "version"),
                answer.result.value("problems", json::array()),
                {},
                Tone::good};
  if (editor.version.empty()) return visit.refuse(404, "There is no such profile.", "");
  if (page::field(visit.query(), "saved") == "1") editor.notice = "It is saved.";
  const std::string text = text_at(answer.result, "text");
  const std::string kind = text_at(answer.result, "kind");
  if (kind == "import") return show_import(visit, editor, text);
  const json form = answer.result.value("form", json());
  const bool as_text = !form.is_object() || page::field(visit.query(), "as") == "text";
  std::string html = as_text ? text_editor(visit, editor, text) : form_editor(visit, editor, values_of(form), false);
  if (!as_text)
    html += "<p><a href=\"" + address_of(profile) +
            "?as=text\">Edit it as text</a>: what the form does not know makes it yours.</p>\n";
  return visit.html(place_of(profile), title_of(profile), html);
}

page::Response save_editor(Visit& visit, const std::string& profile) {
  visit.set_current(profile);
  const auto posted = visit.posted();
  if (posted.refused) return *posted.refused;
  const page::Form& form = posted.form;
  return judged(visit, {profile, {}, page::field(form, "version"), json::array(), {}, Tone::bad}, form,
                page::field(form, "how") == "form", false);
}

page::Response show_new_profile(Visit& visit) {
  if (!visit.may_edit())
    return visit.refuse(403, "This page may not change files.", "certctl serve --page-may edit lets it");
  return visit.html(Place::other, "New profile", form_editor(visit, {}, page::initial_profile(), true));
}

page::Response create_profile(Visit& visit) {
  const auto posted = visit.posted();
  if (posted.refused) return *posted.refused;
  Editor editor;
  editor.profile = page::field(posted.form, "name");
  if (!is_profile_name(editor.profile)) {
    editor.notice = "Nothing was saved: a profile cannot have this name.";
    return visit.html(Place::other, "New profile", form_editor(visit, editor, values_of(posted.form), true), 422);
  }
  return judged(visit, editor, posted.form, true, true);
}

}  // namespace certctl::web

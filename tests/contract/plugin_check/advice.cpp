#include <iterator>

#include "tests/contract/plugin_check/findings.hpp"

namespace certctl::plugin_check {
namespace {

struct Advice {
  const char* rule;
  const char* text;
};

constexpr Advice kAdvice[] = {
    {"it can be tried at all",
     "deliver, or make an instance, with these options by hand first; --fixture gives what the target must hold "
     "before"},
    // distributor
    {"inspect() and prepare() have no effect", "write and run nothing there: install() is the first that may"},
    {"inspect() tells what is there, and what will be locked and written",
     "compare the target with the credential given; resources and values begin with \"file:\" or the like, and diff is "
     "empty only when nothing would change"},
    {"install() by a later run than prepare() puts the credential there",
     "keep nothing in members between the calls: the token and the target are all that a later run has"},
    {"install() twice is install() once", "look first, and report changed=false when the target holds it already"},
    {"a delivery of what is there already changes nothing, nor does its undo",
     "look first, write nothing and report changed=false; undo() then puts back the same"},
    {"undo() by a later run gives the target back what it had, as often as it is called",
     "let prepare() put all of the target into the token (content, mode, whether it was there), and restore from it"},
    {"undo() succeeds when install() never happened",
     "compare with what install() would have written; then do nothing"},
    {"undo() keeps what others changed meanwhile beside our values",
     "change back your own values in the target as it is now, not the whole target"},
    {"undo() leaves a credential that somebody else put there",
     "touch only what still equals what install() wrote: keep that, or its hash, in the token"},
    {"a damaged undo token is an Error and has no effect",
     "check the token's form and length, in install() too, before anything is written"},
    {"a credential that is none is an Error, and the target keeps what it has",
     "look at the credential before the first write"},
    {"a target that is gone is unreadable, and an Error for prepare() and install()",
     "report Present::unreadable with a detail for what cannot be read, and throw where it is needed; a file that is "
     "missing is none, another error is unreadable"},
    // hook
    {"making one has no effect outside", "do the work in on_event(); the constructor only judges the options"},
    {"every event is taken, with and without a credential, and again after a crash",
     "an event may have no credential, and comes again after a crash; throw only when the work could not be done"},
    {"text from outside is never a command, a file or a line of its own",
     "escape control characters, and never put an event's text into a shell command or a path"},
    {"a hook that could not do its work says so, and may be asked again",
     "throw Failure with what failed and what to do"},
    {"a veto is offered, or refused in so many words", "derive from certctl::Vetoes, or don't answer the veto"},
    // key provider
    {"a key that was made is what was asked for, and signs", "return the type and size asked for, or Failure"},
    {"each key is another one", "make a new key with each call"},
    {"a later run opens the same key, and a handle outlives the instance that gave it",
     "put all that is needed to find the key into KeyRef; let the handle own what it needs"},
    {"what it cannot make it refuses for good", "throw Failure::never(\"key-unsupported\", …)"},
    {"what names no key is unreadable, and the words quote nothing",
     "throw Failure(\"key-unreadable\", …) without the text of the reference"},
    {"a destroyed key is gone; a provider that can't destroy says so",
     "load() of a destroyed key is Failure(\"key-unreadable\", …)"},
    {"a provider that can't attest says so", "attest() answers for a key that was just made"},
    // store
    {"a new store is empty and has a location that stays", "location() is a property of the options, not of the run"},
    {"put stores without making active, and read gives back what was put",
     "only activate() switches; give back key, certificate, chain and CA set byte for byte, keys in mode 0600"},
    {"activate makes one generation the active one",
     "one switch (a rename), and list(), active(), read() read it back"},
    {"the next run finds what the last one left", "keep everything on disk, nothing in members"},
    {"the same certificate again is the same generation, with the newer chain and CA set",
     "look for the fingerprint before a new number is given"},
    {"a serial that comes again with another certificate overwrites nothing",
     "name things by serial and fingerprint, and never write over what is there"},
    {"an odd serial breaks nothing", "don't assume a form of the serial when it becomes a file name"},
    {"a generation that is not there is an error, and changes nothing",
     "throw Failure::never(\"generation-unknown\", …)"},
    {"a key that does not belong to its certificate never becomes active",
     "compare key and certificate in put() or activate(): Failure(\"generation-broken\", …)"},
    {"what is no credential is refused", "read the certificate before anything is written"},
    {"prune removes the oldest, never the active one or one that is needed",
     "numbers grow and are not used again; return what was removed"},
    {"another profile is refused", "write the profile's name into the store: Failure(\"store-foreign\", …) for others"},
    {"adoption is offered or refused in so many words", "adopt() of an empty store does nothing"},
    // enroller
    {"a certificate for our key, after a checkpoint",
     "build the request from the key given, call host.checkpoint(about_to_send) before the first byte leaves, and "
     "return "
     "the pinned CA certificates as anchors"},
    {"nothing leaves when the checkpoint could not be made durable", "call .value() on the checkpoint's Result"},
    {"a request that waits is resumed with its token by another instance, and is still one request",
     "call host.checkpoint(awaiting) with all that a poll needs; resume() polls and sends no new request"},
    {"a request that a person denies is rejected, with a reason", "EnrollState::rejected with code and message"},
    {"the last poll sends nothing new", "ResumeReason::last_poll: one poll, whatever it says"},
    {"a request that the CA refuses is rejected, with a reason",
     "EnrollState::rejected with the protocol's own reason"},
    {"no connection: a failure that passes, and the request is not in doubt",
     "Failure that may be tried later; host.checkpoint(not_sent) when one was made before"},
    {"a crash right after the checkpoint is settled by resume",
     "ResumeReason::in_doubt: ask what became of the request, and send the same one again if the CA knows nothing"},
    {"an answer that was lost is fetched by resume, for the same key",
     "ResumeReason::in_doubt: ask with the transaction of the token, not with a new one"},
    {"an answer of no protocol is a failure that passes, and ends", "Failure that may be tried later"},
    {"a CA that the pin does not vouch for gets nothing", "fetch and compare the CA's certificates before the request"},
    {"a renewal with a new key gives another certificate, and what was remembered is used",
     "EnrollAction::renew authenticates with `current`, and needs no more messages than the last one did"},
    {"a token or memory that is not its own is a failure, no crash",
     "check the form of the token; ignore a memory that is not understood"},
    {"powers are offered, or refused in so many words", "derive only from the interfaces that work"},
};

constexpr Advice kNotTried[] = {
    {"a credential that is none is an Error, and the target keeps what it has",
     "this plugin does not look into credentials; certctl has, before it delivers"},
    {"a target that is gone is unreadable, and an Error for prepare() and install()",
     "no option of the plugin names a file or directory"},
    {"a hook that could not do its work says so, and may be asked again",
     "no option of the plugin names a file, directory or command that could fail"},
};

template <std::size_t Size>
std::string text_for(const Advice (&table)[Size], const std::string& rule) {
  for (const Advice& one : table)
    if (rule == one.rule) return one.text;
  return {};
}

}  // namespace

std::string advice(const std::string& rule) {
  return text_for(kAdvice, rule);
}

std::string reason_not_tried(const std::string& rule) {
  const std::string text = text_for(kNotTried, rule);
  return text.empty() ? "it does not concern this plugin" : text;
}

}  // namespace certctl::plugin_check

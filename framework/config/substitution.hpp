// The device's serial number inside of subject and alternative names.
#pragma once

#include <functional>
#include <string>
#include <string_view>

namespace certctl::config {

// Gives the serial number, or throws Failure with the reason why there is none. Called only when it is used.
using SerialSource = std::function<std::string()>;

// Replaces ${device_serial}, and the router's SN where it stands as a whole token: no letter, digit or underscore
// beside it, and not as the type of an attribute (/SN=, +SN=). A backslash before either keeps it as it is. Another
// ${…} is Failure::never("unknown-variable").
[[nodiscard]] std::string substitute_serial(std::string_view text, const SerialSource& serial);

}  // namespace certctl::config

// Puts a few bytes that are no descriptor between those of the program, as an assembler's or sanitizer's padding would.
__attribute__((section("certctl_plugin"), used)) const char kFiller[3] = {'c', 'e', 'r'};
extern const char (&certctl_test_filler)[3];
const char (&certctl_test_filler)[3] = kFiller;

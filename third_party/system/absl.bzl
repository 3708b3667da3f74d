"""One cc_library per module of Debian's Abseil."""

def absl_module(name, libraries):
    native.cc_library(
        name = "absl_" + name,
        linkopts = ["-Wl,--as-needed"] + ["-labsl_" + library for library in libraries],
    )

"""One cc_library per module of Debian's Abseil."""

def absl_module(name, libraries):
    # No --as-needed: where our libraries are shared objects of their own, gold would drop what only they use.
    native.cc_library(
        name = "absl_" + name,
        linkopts = ["-labsl_" + library for library in libraries],
    )

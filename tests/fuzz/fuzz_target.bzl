"""Programs for fuzzing one decoder."""

def fuzz_target(name, deps, size = "small"):
    """NAME for libFuzzer and NAME_test for the tests, both of NAME_fuzzer.cc.

    Args:
      name: of the decoder; its corpus is corpus/NAME.
      deps: what NAME_fuzzer.cc needs.
      size: of NAME_test.
    """
    native.cc_library(
        name = name + "_fuzzer",
        testonly = True,
        srcs = [name + "_fuzzer.cc"],
        alwayslink = True,
        deps = [
            ":fuzz_target",
            "//third_party/system:absl_strings",
        ] + deps,
    )

    # Has no main() but libFuzzer's: for --config=fuzz only.
    native.cc_binary(
        name = name,
        testonly = True,
        srcs = ["libfuzzer_entry.cc"],
        tags = ["manual"],
        deps = [
            ":fuzz_target",
            ":" + name + "_fuzzer",
        ],
    )
    native.cc_test(
        name = name + "_test",
        size = size,
        srcs = ["replay_test.cc"],
        data = native.glob(["corpus/" + name + "/*"]),
        local_defines = ["BLIXARD_FUZZ_TARGET=\\\"" + name + "\\\""],
        deps = [
            ":fuzz_target",
            ":mutation",
            ":" + name + "_fuzzer",
            "//third_party/system:absl_strings",
            "//third_party/system:glog",
            "//third_party/system:gmock",
        ],
    )

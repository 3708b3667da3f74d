"""Programs built with the switchable bugs of raft/core/mutation.h compiled in."""

def _with_mutations_impl(settings, _attr):
    return {"//command_line_option:copt": settings["//command_line_option:copt"] + ["-DBLIXARD_MUTATIONS"]}

_with_mutations = transition(
    implementation = _with_mutations_impl,
    inputs = ["//command_line_option:copt"],
    outputs = ["//command_line_option:copt"],
)

def _mutable_binaries_impl(ctx):
    outputs = []
    for binary in ctx.attr.binaries:
        built = binary[DefaultInfo].files_to_run.executable
        output = ctx.actions.declare_file(ctx.label.name + "/" + built.basename)
        ctx.actions.symlink(output = output, target_file = built, is_executable = True)
        outputs.append(output)
    return [DefaultInfo(files = depset(outputs), runfiles = ctx.runfiles(files = outputs))]

# Each of `binaries`, whatever it is made of, compiled once more with the switches; in a folder of
# the rule's name. Only these ever see them.
mutable_binaries = rule(
    implementation = _mutable_binaries_impl,
    attrs = {
        "binaries": attr.label_list(cfg = _with_mutations),
        "_allowlist_function_transition": attr.label(
            default = "@bazel_tools//tools/allowlists/function_transition_allowlist",
        ),
    },
)

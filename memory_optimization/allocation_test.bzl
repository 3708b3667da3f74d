"""A test that counts allocations."""

def allocation_test(name, **kwargs):
    """A cc_test with the allocation hook linked in.

    Skipped where another allocator is forced on the build (sanitizers, --config=system-malloc),
    because nothing is counted there.

    Args:
      name: of the cc_test.
      **kwargs: of the cc_test.
    """
    native.cc_test(
        name = name,
        malloc = "//memory_optimization:allocation_hook",
        target_compatible_with = select({
            "//memory_optimization:allocator_is_forced": ["//memory_optimization:allocation_hook_is_usable"],
            "//conditions:default": [],
        }),
        **kwargs
    )

"""A test that counts allocations."""

# For tests that need the hook, in themselves or in the programs they run: skipped where another
# allocator is forced on the build (sanitizers, --config=system-malloc, jemalloc, tcmalloc), because
# nothing is counted there.
WITH_HOOK = select({
    "//memory_optimization:allocator_is_forced": ["//memory_optimization:allocation_hook_is_usable"],
    "//memory_optimization:allocator_is_jemalloc": ["//memory_optimization:allocation_hook_is_usable"],
    "//memory_optimization:allocator_is_tcmalloc": ["//memory_optimization:allocation_hook_is_usable"],
    "//conditions:default": [],
})

def allocation_test(name, **kwargs):
    """A cc_test with the allocation hook linked in, skipped where it cannot be.

    Args:
      name: of the cc_test.
      **kwargs: of the cc_test.
    """
    native.cc_test(
        name = name,
        malloc = "//memory_optimization:allocation_hook",
        target_compatible_with = WITH_HOOK,
        **kwargs
    )

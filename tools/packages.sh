# What the project needs of Debian 12, and how it gets there. Sourced by the commands in tools/.
#   ensure_packages install|refuse   "refuse": print what is missing and stop (--no-install)
# Everything is said on standard error. Exit code 2: nothing was installed and something is missing.

# Package, then what it is for.
blixard_packages() {
  cat <<'LIST'
g++                      the compiler
bazel-bootstrap          the build
bazel-rules-java         rules that Bazel looks for even without Java code
bazel-rules-proto        rules for protobuf
bazel-platforms          platform definitions of Bazel
bazel-skylib             Starlark library of the rules
protobuf-compiler        protoc
protobuf-compiler-grpc   protoc's plugin for service stubs
libprotobuf-dev          messages of the service, JSON output
libgrpc++-dev            the service and its client
libabsl-dev              Status, strings, hash maps, time
libgoogle-glog-dev       LOG and CHECK
libisal-dev              CRC32C
libxxhash-dev            hashes of texts, state digests
libboost-dev             vectors of fixed capacity; peers in the benchmarks
libhwy-dev               vector instructions over columns
libzstd-dev              compression of cold cache values
liblz4-dev               compression of hot cache values
libjemalloc-dev          --config=jemalloc
libgoogle-perftools-dev  --config=tcmalloc
libtbb-dev               peers in the benchmarks
libraft-dev              a peer in the benchmarks
libuv1-dev               the event loop of that peer
valgrind                 its headers: pools tell it what is idle
libmimalloc-dev          allocator of the binaries
libcli11-dev             command lines
libfmt-dev               formatting
libfccp-dev              reading CSV
libgtest-dev             tests
libgmock-dev             tests
libbenchmark-dev         benchmarks
LIST
}

missing_packages() {
  local package
  blixard_packages | while read -r package _; do
    dpkg-query -W -f='${Status}' "$package" 2>/dev/null | grep -q ' installed$' || echo "$package"
  done
}

is_debian_12() {
  [ -r /etc/os-release ] && (. /etc/os-release && [ "${ID:-}" = debian ] && [ "${VERSION_ID:-}" = 12 ])
}

ensure_packages() {
  local mode=$1 missing as_root=()
  if ! is_debian_12 || ! command -v dpkg-query >/dev/null || ! command -v apt-get >/dev/null; then
    {
      echo "This is not Debian 12, so nothing is installed for you. Needed, under Debian's names:"
      blixard_packages | sed 's/^/  /'
    } >&2
    exit 2
  fi
  missing=$(missing_packages)
  [ -n "$missing" ] || return 0
  {
    echo "Missing packages of Debian, each with what it is for:"
    blixard_packages | while read -r package purpose; do
      if grep -qxF "$package" <<<"$missing"; then printf '  %-24s %s\n' "$package" "$purpose"; fi
    done
  } >&2
  if [ "$mode" = refuse ]; then
    echo "Not installed because of --no-install. Run: apt-get install" $missing >&2
    exit 2
  fi
  if [ "$(id -u)" -ne 0 ]; then
    if ! command -v sudo >/dev/null; then
      echo "Neither root nor sudo. Run as root: apt-get install" $missing >&2
      exit 2
    fi
    as_root=(sudo)
  fi
  echo "Installing them with apt-get" >&2
  "${as_root[@]}" apt-get update -qq >&2
  # shellcheck disable=SC2086
  "${as_root[@]}" env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends \
    -o Dpkg::Use-Pty=0 $missing >&2
}

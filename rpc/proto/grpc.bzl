"""cc_grpc_library: the C++ service stubs of one .proto file."""

def cc_grpc_library(name, proto, deps, **kwargs):
    base = proto[:-len(".proto")]
    native.genrule(
        name = name + "_stubs",
        srcs = [proto, ] + kwargs.pop("imports", []),
        outs = [base + ".grpc.pb.h", base + ".grpc.pb.cc"],
        cmd = "protoc -I. --grpc_out=$(GENDIR) --plugin=protoc-gen-grpc=/usr/bin/grpc_cpp_plugin $(location %s)" % proto,
    )
    native.cc_library(
        name = name,
        srcs = [base + ".grpc.pb.cc"],
        hdrs = [base + ".grpc.pb.h"],
        deps = deps + ["//third_party/system:grpc++"],
        **kwargs
    )

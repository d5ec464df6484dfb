"""The contract as this side knows it: the .proto files, and nothing else."""
import os
import subprocess
import tempfile

import grpc
from google.protobuf import descriptor_pb2, message_factory

FILES = [
    "probe.proto",
    "federation/v1/lease.proto",
    "grpc/health/v1/health.proto",
    "google/rpc/status.proto",
    "google/rpc/error_details.proto",
]


def _load():
    with tempfile.NamedTemporaryFile(suffix=".desc") as out:
        folders = [f"-I{folder}" for folder in os.environ["PROTO_PATH"].split(":")]
        command = ["protoc", *folders, "--include_imports", f"--descriptor_set_out={out.name}", *FILES]
        subprocess.run(command, check=True)
        return descriptor_pb2.FileDescriptorSet.FromString(out.read())


_set = _load()
_messages = message_factory.GetMessages(_set.file)
_methods = {
    f"/{file.package}.{service.name}/{method.name}": method
    for file in _set.file
    for service in file.service
    for method in service.method
}


def message(name):
    """The class of a message by its full name."""
    return _messages[name]


def _classes(method):
    return message(method.input_type[1:]), message(method.output_type[1:])


def stub(channel, path):
    """A callable for one rpc."""
    method = _methods[path]
    request, reply = _classes(method)
    kind = {
        (False, False): channel.unary_unary,
        (True, False): channel.stream_unary,
        (False, True): channel.unary_stream,
        (True, True): channel.stream_stream,
    }[(method.client_streaming, method.server_streaming)]
    return kind(path, request_serializer=request.SerializeToString, response_deserializer=reply.FromString)


def handler(service, implementation):
    """All rpcs of a service that the implementation has a function for."""
    found = {}
    for path, method in _methods.items():
        if not path.startswith(f"/{service}/") or not hasattr(implementation, method.name):
            continue
        request, reply = _classes(method)
        make = {
            (False, False): grpc.unary_unary_rpc_method_handler,
            (True, False): grpc.stream_unary_rpc_method_handler,
            (False, True): grpc.unary_stream_rpc_method_handler,
            (True, True): grpc.stream_stream_rpc_method_handler,
        }[(method.client_streaming, method.server_streaming)]
        found[method.name] = make(
            getattr(implementation, method.name),
            request_deserializer=request.FromString,
            response_serializer=reply.SerializeToString,
        )
    return grpc.method_handlers_generic_handler(service, found)


def enum(message_name, field, value):
    """A value of the enum that a field has."""
    return message(message_name).DESCRIPTOR.fields_by_name[field].enum_type.values_by_name[value].number

"""Serves the probe and the health service, says on which port, and ends when its input does."""
import sys
import threading
from concurrent.futures import ThreadPoolExecutor

import grpc

from contract import enum, handler, message

Reply = message("federation.probe.ProbeReply")
Health = message("grpc.health.v1.HealthCheckResponse")
BEHAVIOURS = {
    enum("federation.probe.ProbeRequest", "then", f"BEHAVIOUR_{name}"): name
    for name in ("UNSPECIFIED", "REFUSE", "THROW", "HANG", "ECHO_METADATA", "UNAVAILABLE", "IDENTIFY")
}


def refuse(context):
    text = "no available block of size /24 in pool größe"
    status = message("google.rpc.Status")(code=8, message=text)
    info = message("google.rpc.ErrorInfo")(domain="ipam.federation.io", reason="POOL_EXHAUSTED", metadata={"pool": "größe"})
    retry = message("google.rpc.RetryInfo")()
    retry.retry_delay.seconds = 2
    status.details.add().Pack(info)
    status.details.add().Pack(retry)
    context.set_trailing_metadata((("grpc-status-details-bin", status.SerializeToString()),))
    context.abort(grpc.StatusCode.RESOURCE_EXHAUSTED, text)


def answer(request, context):
    then = BEHAVIOURS[request.then]
    headers = context.invocation_metadata()
    if then == "REFUSE":
        refuse(context)
    if then == "THROW":
        context.abort(grpc.StatusCode.INTERNAL, "sorry")
    if then == "UNAVAILABLE":
        context.abort(grpc.StatusCode.UNAVAILABLE, "not yet")
    if then == "HANG":
        ended = threading.Event()
        if context.add_callback(ended.set):
            ended.wait(60)
    if then == "IDENTIFY":
        return Reply(text=",".join(value for key, value in headers if key == "federation-edge"))
    if then == "ECHO_METADATA":
        echoed = tuple((key, value) for key, value in headers if key in ("text", "bytes-bin"))
        context.set_trailing_metadata(echoed)
        return Reply(count=sum(1 for key, _ in echoed if key == "bytes-bin"))
    payload = bytes(request.reply_bytes) if request.reply_bytes > 0 else request.payload
    return Reply(text=request.text, payload=payload, count=len(request.payload))


class Probe:
    @staticmethod
    def Unary(request, context):
        return answer(request, context)

    @staticmethod
    def Collect(requests, context):
        texts = [request.text for request in requests]
        return Reply(text=",".join(texts), count=len(texts))

    @staticmethod
    def Spread(request, context):
        for count in range(request.count):
            yield Reply(text=request.text, count=count)
        if BEHAVIOURS[request.then] != "UNSPECIFIED":
            yield answer(request, context)

    @staticmethod
    def Chat(requests, context):
        for request in requests:
            yield answer(request, context)


class HealthService:
    @staticmethod
    def Check(request, context):
        return Health(status=1)

    @staticmethod
    def Watch(request, context):
        yield Health(status=2)
        yield Health(status=1)


limits = [("grpc.max_receive_message_length", 8 << 20), ("grpc.max_send_message_length", 8 << 20)]
server = grpc.server(ThreadPoolExecutor(32), options=limits)
server.add_generic_rpc_handlers((handler("federation.probe.Probe", Probe), handler("grpc.health.v1.Health", HealthService)))
port = server.add_insecure_port("127.0.0.1:0")
server.start()
print(f"listening {port}", flush=True)
sys.stdin.read()
server.stop(None)

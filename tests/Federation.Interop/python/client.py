"""Calls our server, and prints one line of JSON for each thing it tried."""
import json
import sys
import traceback
from concurrent.futures import ThreadPoolExecutor

import grpc

from contract import enum, message, stub

IDENTITY = (("federation-edge", "munich"),)
LIMITS = [("grpc.max_receive_message_length", 8 << 20), ("grpc.max_send_message_length", 8 << 20)]
MAX = 4 * 1024 * 1024

channel = grpc.insecure_channel(sys.argv[1], options=LIMITS)
unary, collect, spread, chat = (stub(channel, f"/federation.probe.Probe/{name}") for name in ("Unary", "Collect", "Spread", "Chat"))
Probe = message("federation.probe.ProbeRequest")


def probe(then="UNSPECIFIED", **fields):
    return Probe(then=enum("federation.probe.ProbeRequest", "then", f"BEHAVIOUR_{then}"), **fields)


def call(rpc, request, timeout=120, metadata=IDENTITY):
    return rpc(request, timeout=timeout, metadata=metadata)


def failure(code, action):
    try:
        action()
    except grpc.RpcError as error:
        assert error.code() == code, f"{error.code()} {error.details()}"
        return error
    raise AssertionError("the call should fail")


def cause(error):
    trailers = dict(error.trailing_metadata())
    status = message("google.rpc.Status").FromString(trailers["grpc-status-details-bin"])
    info, retry = message("google.rpc.ErrorInfo")(), message("google.rpc.RetryInfo")()
    for detail in status.details:
        detail.Unpack(info) or detail.Unpack(retry)
    return status, info, retry


def check_unary():
    assert call(unary, probe(text="grüezi")).text == "grüezi"
    assert call(unary, probe()).text == ""


def check_client_stream():
    assert call(collect, iter([probe(text=text) for text in "abc"])).text == "a,b,c"


def check_server_stream():
    assert [reply.count for reply in call(spread, probe(count=500))] == list(range(500))


def check_duplex():
    texts = ["a", "b", "c"]
    assert [reply.text for reply in call(chat, iter([probe(text=text) for text in texts]))] == texts


def check_deadline():
    failure(grpc.StatusCode.DEADLINE_EXCEEDED, lambda: call(unary, probe("HANG"), timeout=0.3))


def check_cancel():
    stream = call(spread, probe("HANG", count=1))
    next(stream)
    stream.cancel()
    failure(grpc.StatusCode.CANCELLED, lambda: next(stream))


def check_cause():
    error = failure(grpc.StatusCode.RESOURCE_EXHAUSTED, lambda: call(unary, probe("REFUSE")))
    status, info, retry = cause(error)
    assert error.details() == "no available block of size /24 in pool größe"
    assert (status.code, status.message) == (8, error.details())
    assert (info.reason, info.domain) == ("POOL_EXHAUSTED", "ipam.federation.io")
    assert dict(info.metadata) == {"pool": "größe", "prefix_length": "24"}
    assert (retry.retry_delay.seconds, retry.retry_delay.nanos) == (1, 500_000_000)


def check_cause_after_messages():
    stream = call(spread, probe("REFUSE", count=2))
    assert [next(stream).count, next(stream).count] == [0, 1]
    assert cause(failure(grpc.StatusCode.RESOURCE_EXHAUSTED, lambda: next(stream)))[1].reason == "POOL_EXHAUSTED"


def check_unexpected():
    assert "secret" not in failure(grpc.StatusCode.INTERNAL, lambda: call(unary, probe("THROW"))).details()


def check_binary_metadata():
    headers = (("text", "value"), ("bytes-bin", b"\x00\xff\r\n"), ("bytes-bin", b"\x01"))
    reply, ended = unary.with_call(probe("ECHO_METADATA"), timeout=120, metadata=headers)
    trailers = ended.trailing_metadata()
    assert reply.count == 2, reply.count
    assert [value for key, value in trailers if key == "text"] == ["value"]
    assert [value for key, value in trailers if key == "bytes-bin"] == [b"\x00\xff\r\n", b"\x01"]


def check_big_messages():
    payload = b"\x07" * (MAX - 64)
    assert call(unary, probe(payload=payload)).payload == payload
    failure(grpc.StatusCode.RESOURCE_EXHAUSTED, lambda: call(unary, probe(payload=bytes(MAX))))
    failure(grpc.StatusCode.RESOURCE_EXHAUSTED, lambda: call(unary, probe(reply_bytes=MAX)))


def check_compressed_requests():
    with grpc.insecure_channel(sys.argv[1], compression=grpc.Compression.Gzip) as packed:
        rpc = stub(packed, "/federation.probe.Probe/Unary")
        assert len(call(rpc, probe(text="a" * 10_000)).text) == 10_000
        assert call(rpc, probe()).text == ""


def check_many_at_once():
    with ThreadPoolExecutor(32) as pool:
        replies = list(pool.map(lambda i: call(unary, probe(text=str(i))).text, range(200)))
    assert replies == [str(i) for i in range(200)]


def check_health():
    check = stub(channel, "/grpc.health.v1.Health/Check")
    request = message("grpc.health.v1.HealthCheckRequest")
    assert call(check, request()).status == 1
    assert call(check, request(service="federation.v1.LeaseService")).status == 1
    failure(grpc.StatusCode.NOT_FOUND, lambda: call(check, request(service="none")))
    watch = call(stub(channel, "/grpc.health.v1.Health/Watch"), request(service="none"))
    assert next(watch).status == 3
    watch.cancel()


def check_leases():
    def rpc(name, request_name, **fields):
        request = message(f"federation.v1.{request_name}")(edge="munich", incarnation="6f1c0f8e-6f43-4b9c-8a3e-0e1d3a0b7c11", **fields)
        return call(stub(channel, f"/federation.v1.LeaseService/{name}"), request)

    registered = rpc("Register", "RegisterRequest", labels={"region": "eu"}, local_cidrs=["192.168.0.0/16"])
    assert registered.term.seconds == 604800
    wish = dict(request_id="r-2", pool="root", prefix_length=24, ip_family=4)
    offer = rpc("RequestLease", "RequestLeaseRequest", **wish)
    assert (offer.state, offer.cidr, offer.request_id) == (1, "10.0.0.0/24", "r-2")
    assert rpc("RequestLease", "RequestLeaseRequest", **wish) == offer
    assert rpc("ConfirmLease", "ConfirmLeaseRequest", lease_id=offer.id, epoch=offer.epoch, child_pool="child").state == 2
    stale = failure(
        grpc.StatusCode.FAILED_PRECONDITION, lambda: rpc("ConfirmLease", "ConfirmLeaseRequest", lease_id=offer.id, epoch=0)
    )
    assert cause(stale)[1].reason == "STALE_EPOCH"


def check_watch():
    stream = call(stub(channel, "/federation.v1.LeaseService/Watch"), message("federation.v1.WatchRequest")(edge="munich"))
    first, second = next(stream), next(stream)
    stream.cancel()
    assert (first.WhichOneof("event"), second.WhichOneof("event")) == ("catalogue", "bookmark")
    assert [(pool.name, pool.capacity.total) for pool in first.catalogue.pools] == [("root", str(2**128))]


for name, run in [(name[6:], value) for name, value in list(globals().items()) if name.startswith("check_")]:
    try:
        run()
        print(json.dumps({"check": name, "ok": True}), flush=True)
    except Exception:
        print(json.dumps({"check": name, "ok": False, "detail": traceback.format_exc()}), flush=True)

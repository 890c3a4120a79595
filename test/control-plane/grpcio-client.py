"""Calls meshless.testing.v1.EchoService/Echo through gRPC's core once for each line of input, which it repeats before the answer."""

import sys
import threading

import grpc

channel = grpc.insecure_channel(sys.argv[1])
echo = channel.unary_unary("/meshless.testing.v1.EchoService/Echo")
lock = threading.Lock()


def answer(line, call):
    error = call.exception()
    text = call.result().hex() if error is None else "error " + " ".join(str(error).split())
    with lock:
        print(line, text, flush=True)


for line in sys.stdin:
    call = echo.future(b"", timeout=20, wait_for_ready=line.startswith("first"))
    call.add_done_callback(lambda call, line=line.strip(): answer(line, call))

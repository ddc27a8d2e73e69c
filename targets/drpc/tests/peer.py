"""A peer of dRPC that has its messages from Python's protobuf library.

    peer.py messages               reads and writes messages that are lines of standard input
    peer.py client PATH PACKETS    calls the server of the tests, and fails unless all is as it should be
    peer.py server PATH PACKETS    serves; prints a line when it listens, and ends when its standard input does

PACKETS is "whole" or "chunked".
"""

import os
import socket
import struct
import sys
import threading

from google.protobuf import descriptor_pb2, descriptor_pool, message_factory
from google.protobuf.message import DecodeError

PACKET_MAX = 1 << 17
# Total and size of 64 bits, index and count of 32, in the order of the machine, without padding.
HEADER = struct.Struct("=QQII")
PATIENCE = 60

SUCCESS, SUBMITTED, FAILURE, UNKNOWN_MODULE, UNKNOWN_METHOD, NOT_A_CALL, NOT_A_BODY, NOT_ENCODED = range(8)


def messages():
    """Makes the message types: what protoc would make of a .proto file."""
    kinds = descriptor_pb2.FieldDescriptorProto
    file = descriptor_pb2.FileDescriptorProto(name="peer.proto", package="peer", syntax="proto3")
    status = file.enum_type.add(name="Status")
    for number in range(8):
        status.value.add(name=f"STATUS_{number}", number=number)

    def message(name, *fields):
        added = file.message_type.add(name=name)
        for number, (field, kind) in fields:
            new = added.field.add(name=field, number=number, type=kind, label=kinds.LABEL_OPTIONAL)
            if kind == kinds.TYPE_ENUM:
                new.type_name = ".peer.Status"

    call = (
        (1, ("module", kinds.TYPE_INT32)),
        (2, ("method", kinds.TYPE_INT32)),
        (3, ("sequence", kinds.TYPE_INT64)),
        (4, ("body", kinds.TYPE_BYTES)),
    )
    message("Call", *call)
    # A later release, whose calls have more.
    message("LaterCall", *call, (5, ("text", kinds.TYPE_STRING)), (9, ("number", kinds.TYPE_FIXED64)))
    message(
        "Response",
        (1, ("sequence", kinds.TYPE_INT64)),
        (2, ("status", kinds.TYPE_ENUM)),
        (3, ("body", kinds.TYPE_BYTES)),
    )
    message("Hello", (1, ("name", kinds.TYPE_STRING)))
    message("Greeting", (1, ("text", kinds.TYPE_STRING)))
    pool = descriptor_pool.DescriptorPool()
    pool.Add(file)
    names = "Call", "LaterCall", "Response", "Hello", "Greeting"
    return (message_factory.GetMessageClass(pool.FindMessageTypeByName(f"peer.{name}")) for name in names)


Call, LaterCall, Response, Hello, Greeting = messages()


class Connection:
    """A socket that carries messages in packets."""

    def __init__(self, connected, packets):
        self.socket, self.chunked = connected, packets == "chunked"
        self.socket.settimeout(PATIENCE)
        self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, 4 * PACKET_MAX)

    def send(self, message):
        if not self.chunked:
            self.socket.send(message)
            return
        part = PACKET_MAX - HEADER.size
        parts = [message[start : start + part] for start in range(0, len(message), part)] or [b""]
        for index, piece in enumerate(parts):
            self.socket.send(HEADER.pack(len(message), len(piece), index, len(parts)) + piece)

    def receive(self):
        """Returns the next message, or None at the end."""
        if not self.chunked:
            return self.socket.recv(2 * PACKET_MAX) or None
        message = b""
        index, count = 0, 1
        while index < count:
            packet = self.socket.recv(2 * PACKET_MAX)
            if not packet:
                return None
            total, size, number, count = HEADER.unpack(packet[: HEADER.size])
            assert (number, size) == (index, len(packet) - HEADER.size)
            message += packet[HEADER.size :]
            index += 1
        assert len(message) == total
        return message


def check_messages():
    """Reads each message of standard input, compares it with the fields beside it, and writes its own bytes."""
    for line in sys.stdin:
        kind, *numbers, body, message = line.rstrip("\n").split(" ")
        numbers, body, message = [int(number) for number in numbers], bytes.fromhex(body), bytes.fromhex(message)
        if kind == "call":
            expected = Call(module=numbers[0], method=numbers[1], sequence=numbers[2], body=body)
        else:
            expected = Response(sequence=numbers[0], status=numbers[1], body=body)
        parsed = type(expected).FromString(message)
        assert parsed == expected, f"{parsed!r} is not {expected!r}"
        print(expected.SerializeToString().hex())


def client(path, packets):
    """Calls the server of the tests."""
    connected = socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET)
    connected.connect(path)
    connection = Connection(connected, packets)

    def ask(message):
        connection.send(message)
        return Response.FromString(connection.receive())

    def call(module, method, body=b"", sequence=7, kind=Call, **more):
        message = kind(module=module, method=method, sequence=sequence, body=body, **more)
        response = ask(message.SerializeToString())
        assert response.sequence == sequence, response
        return response.status, response.body

    def greet():
        # Method 0 of module 0, as the test module of DAOS has it.
        status, body = call(0, 0, Hello(name="Ada").SerializeToString())
        assert (status, Greeting.FromString(body).text) == (SUCCESS, "Hello Ada")

    greet()
    for sequence in (0, 1, -1, 2**40, 2**63 - 1, -(2**63)):
        assert call(7, 701, b"echo", sequence) == (SUCCESS, b"echo")
        assert call(7, 701, b"", sequence) == (SUCCESS, b"")
    for length in (1, 127, 128, 1 << 16, PACKET_MAX - 200):
        assert call(7, 701, bytes(length)) == (SUCCESS, bytes(length)), length
    # What is not served, and what is not understood; the next call works.
    for module, method, body, status in (
        (9, 901, b"", UNKNOWN_MODULE),
        (-1, 701, b"", UNKNOWN_MODULE),
        (7, 799, b"", UNKNOWN_METHOD),
        (7, -701, b"", UNKNOWN_METHOD),
        (0, 0, Hello(name="Ada").SerializeToString()[:-1], NOT_A_BODY),
        (7, 702, b"", FAILURE),
        (7, 703, b"", SUBMITTED),
    ):
        assert call(module, method, body) == (status, b""), (module, method)
        greet()
    # A cut call, and a packet over the limit.
    whole = Call(module=7, method=701, sequence=7, body=b"some bytes").SerializeToString()
    for bad in (whole[:-1], b"\xff" * 20):
        response = ask(bad)
        assert (response.sequence, response.status, response.body) == (-1, NOT_A_CALL, b""), response
        greet()
    # Fields of a later release are skipped.
    assert call(7, 701, b"echo", kind=LaterCall, text="more", number=5) == (SUCCESS, b"echo")
    if packets == "chunked":
        assert call(7, 704, bytes(1 << 20)) == (SUCCESS, bytes(1 << 20))
        too_large = 3 << 20
    else:
        too_large = PACKET_MAX
    response = ask(Call(module=7, method=701, sequence=7, body=bytes(too_large)).SerializeToString())
    assert (response.sequence, response.status) == (-1, NOT_A_CALL), response
    greet()
    print("all is as it should be")


def answer(call):
    """Returns the response of the server to a call, as bytes."""
    response = Response(sequence=call.sequence)
    if call.module == 0 and call.method == 0:
        try:
            hello = Hello.FromString(call.body)
            response.body = Greeting(text=f"Hello {hello.name}").SerializeToString()
        except DecodeError:
            response.status = NOT_A_BODY
    elif call.module != 7:
        response.status = UNKNOWN_MODULE
    elif call.method in (701, 704):
        response.body = call.body
    elif call.method == 710:
        # The status that the body has.
        response.status = call.body[0]
    elif call.method == 711:
        response.sequence += 1
    elif call.method == 712:
        response.body = b"some bytes"
        return response.SerializeToString()[:-1]
    else:
        response.status = UNKNOWN_METHOD
    return response.SerializeToString()


def server(path, packets):
    """Serves each connection in a thread."""

    def serve(connection):
        while (message := connection.receive()) is not None:
            try:
                response = answer(Call.FromString(message))
            except DecodeError:
                response = Response(sequence=-1, status=NOT_A_CALL).SerializeToString()
            connection.send(response)

    def accept():
        while True:
            connection = Connection(listener.accept()[0], packets)
            threading.Thread(target=serve, args=[connection], daemon=True).start()

    listener = socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET)
    listener.bind(path)
    listener.listen()
    threading.Thread(target=accept, daemon=True).start()
    print("listening", flush=True)
    sys.stdin.read()
    os._exit(0)


if __name__ == "__main__":
    command, *arguments = sys.argv[1:]
    {"messages": check_messages, "client": client, "server": server}[command](*arguments)

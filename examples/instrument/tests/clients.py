"""Drives the multimeter by PyVISA-py, python-vxi11 and lxi-tools: `clients.py HOST`.

Nothing here is Oncilla's: each check is what users of these clients do. It ends with an error after the first check that
fails.
"""

import math
import os
import queue
import signal
import socket
import struct
import subprocess
import sys
import threading
import time

import pyvisa
import vxi11
from vxi11 import rpc
from vxi11 import vxi11 as protocol

HOST = sys.argv[1]
IDENTITY = "ONCILLA,METER,0,1.0"

# Errors of VXI-11.
NO_CHANNEL, LOCKED, NOT_LOCKED, TIMED_OUT, ABORTED, CHANNEL_EXISTS = 6, 11, 12, 15, 23, 29

# A measurement that takes 40 s, and how long a check may wait for what must come.
LONG = "AVER:COUN 1000;:VOLT:NPLC 2;:READ?"
PATIENCE = 20

MANAGER = pyvisa.ResourceManager("@py")


def visa(timeout=5000):
    """Opens the instrument by PyVISA."""
    instrument = MANAGER.open_resource(f"TCPIP::{HOST}::INSTR", read_termination="\n", write_termination="\n")
    instrument.timeout = timeout
    return instrument


def plain(timeout=5):
    """Opens the instrument by python-vxi11."""
    instrument = vxi11.Instrument(HOST)
    instrument.open()
    wait_for(instrument, timeout)
    return instrument


def wait_for(instrument, timeout):
    """Sets the time-out of the instrument, with more time for its replies on a busy machine."""
    instrument.timeout = timeout
    instrument.client.sock.settimeout(timeout + PATIENCE)


def fails(error, call, *arguments):
    """Checks that a call of python-vxi11 fails with an error of VXI-11."""
    try:
        call(*arguments)
    except protocol.Vxi11Exception as exception:
        assert exception.err == error, exception
    else:
        raise AssertionError(f"no error {error}")


def errors(instrument, ask="ask"):
    """Takes the numbers of all errors from the queue."""
    numbers = []
    while True:
        number = int(getattr(instrument, ask)("SYST:ERR?").split(",")[0])
        if number == 0:
            return numbers
        numbers.append(number)


def is_reading(text):
    """Checks a voltage of the simulated input."""
    assert abs(float(text) - 1.25) < 1e-4, text


def wave(count):
    """Returns the simulated wave in millionths of a volt."""
    points = []
    for index in range(count):
        phase = index % 32
        height = phase * (32 - phase) * 1_000_000 >> 8
        points.append(height if index % 64 < 32 else -height)
    return points


def identity_by_pyvisa():
    """PyVISA finds the instrument, asks who it is, and measures."""
    with visa() as meter:
        meter.write("*RST;*CLS")
        assert meter.query("*IDN?") == IDENTITY
        is_reading(meter.query("MEAS:VOLT?"))
        assert meter.query("*OPC?") == "1"
        assert meter.query("syst:err?") == '0,"No error"'


def identity_by_python_vxi11():
    """python-vxi11 asks who it is, measures, and lists the instrument among those it finds by broadcast."""
    meter = plain()
    assert meter.ask("*IDN?") == IDENTITY
    is_reading(meter.ask("MEASURE:VOLTAGE:DC? 10,1E-5"))
    meter.close()
    assert HOST in vxi11.list_devices(timeout=2)


def identity_by_lxi():
    """lxi-tools discovers the instrument by one broadcast, and asks who it is."""
    found = subprocess.run(["lxi", "discover", "--timeout", "2"], capture_output=True, text=True, timeout=60, check=True)
    assert f'Found "{IDENTITY}" on address {HOST}' in found.stdout, found.stdout
    for command, expected in [("*IDN?", IDENTITY), ("AVER:COUN? MAX", "1000")]:
        lxi = ["lxi", "scpi", "--address", HOST, command]
        asked = subprocess.run(lxi, capture_output=True, text=True, timeout=60, check=True)
        assert asked.stdout.strip() == expected, asked


def error_queue():
    """Errors wait in the queue: commands, parameters, and queries that were interrupted or not there."""
    with visa() as meter:
        meter.write("*CLS")
        meter.write("FOO")
        meter.write("AVER:COUN 0")
        meter.write("*IDN?")
        meter.write("*ESE 0")
        hasty = plain(timeout=0.2)
        fails(TIMED_OUT, hasty.read)
        hasty.close()
        assert errors(meter, "query") == [-113, -222, -410, -420]
        assert int(meter.query("*ESR?")) == 32 + 16 + 4


def blocks():
    """Waveforms in both encodings, text and binary, in both byte orders."""
    with visa() as meter:
        meter.write("*RST")
        volts = meter.query_ascii_values("CURV?")
        assert [round(volt * 1e6) for volt in volts] == wave(512)
        meter.write("FORM INT,32")
        assert meter.query_binary_values("CURV?", datatype="i", is_big_endian=True) == wave(512)
        meter.write("FORM:BORD SWAP;:DATA:POIN 1024")
        assert meter.query_binary_values("DATA?", datatype="i", is_big_endian=False) == wave(1024)
        meter.write("FORM REAL,32;:DATA:POIN 3")
        volts = meter.query_binary_values("TRAC?", datatype="f", is_big_endian=False)
        assert all(math.isclose(volt * 1e6, point, abs_tol=0.1) for volt, point in zip(volts, wave(3), strict=True))
        meter.write("*RST")
    meter = plain()
    meter.write("FORM INT")
    block = meter.ask_raw(b"CURV?")
    assert block[:6] == b"#42048" and len(block) == 6 + 2048 + 1
    assert list(struct.unpack(">512i", block[6:-1])) == wave(512)
    # A read of a part, and the rest.
    meter.write("CURV?")
    assert meter.read_raw(100) + meter.read_raw() == block
    meter.write("*RST")
    meter.close()


def long_messages():
    """A message longer than one write may be, and responses to many queries."""
    with visa() as meter:
        assert meter.query("*ESE 5;" * 1000 + "*ESE?") == "5"
        assert meter.query(";".join(["*ESE?"] * 30)) == ";".join(["5"] * 30)
        meter.write("*ESE 0")


def locks():
    """A lock keeps other clients out until it is released; a client may wait for it."""
    one, two = plain(), plain()
    one.lock()
    fails(LOCKED, one.lock)
    fails(LOCKED, two.lock)
    fails(LOCKED, two.write, "*CLS")
    assert one.ask("*IDN?") == IDENTITY
    # python-vxi11 itself does not wait for a lock, but can say so in its calls.
    assert two.client.device_lock(two.link, protocol.OP_FLAG_WAIT_BLOCK, 200) == LOCKED
    timer = threading.Timer(0.3, one.unlock)
    timer.start()
    assert two.client.device_lock(two.link, protocol.OP_FLAG_WAIT_BLOCK, 3000) == 0
    # The instrument may answer the second client first, and a client of python-vxi11 is for one thread at a time.
    timer.join()
    fails(LOCKED, one.write, "*CLS")
    # A lock ends with its link.
    two.close()
    assert one.ask("*IDN?") == IDENTITY
    fails(NOT_LOCKED, one.unlock)
    one.close()


def time_outs():
    """A read ends after its time-out and not before; its response can be read later."""
    meter = plain(timeout=0.3)
    meter.write("*RST;AVER:COUN 50;:READ?")
    fails(TIMED_OUT, meter.read)
    wait_for(meter, PATIENCE)
    is_reading(meter.read())
    meter.write("*RST")
    meter.close()


def clear():
    """A device clear ends a measurement, and what was sent before has no response."""
    with visa(timeout=PATIENCE * 1000) as meter:
        meter.write("*RST;*CLS")
        meter.write(LONG)
        meter.clear()
        assert meter.query("*IDN?") == IDENTITY
        meter.write("*RST")
        assert errors(meter, "query") == []


def status_byte():
    """A serial poll sees a message, errors and events, without a message of its own."""
    with visa() as meter:
        meter.write("*CLS;*SRE 0;*ESE 60")
        assert meter.read_stb() == 0
        meter.write("*IDN?")
        assert meter.read_stb() == 16
        meter.read()
        meter.write("FOO")
        assert meter.read_stb() == 32 + 4
        meter.write("*CLS;*ESE 0")
        assert meter.read_stb() == 0


def triggers():
    """A trigger of the interface starts a measurement that waits for it."""
    with visa() as meter:
        meter.write("*RST;*CLS;:TRIG:SOUR BUS;:INIT")
        assert meter.query("STAT:OPER:COND?") == "32"
        meter.assert_trigger()
        is_reading(meter.query("FETC?"))
        meter.assert_trigger()
        assert errors(meter, "query") == [-211]
        meter.write("*RST")


class Requests:
    """A server of the interrupt channel, on python-vxi11's own RPC. `handles` has what came."""

    def __init__(self, server):
        class Channel(server):
            def addpackers(self):
                self.packer, self.unpacker = protocol.Packer(), protocol.Unpacker(b"")

            def handle_30(channel):
                self.handles.put(channel.unpacker.unpack_device_srq_params())
                channel.turn_around()

        self.handles = queue.Queue()
        self.channel = Channel("", 0x0607B1, 1, 0)
        if server is rpc.TCPServer:
            # Before the instrument connects.
            self.channel.sock.listen()
        threading.Thread(target=self.channel.loop, daemon=True).start()


def own_address():
    """Returns this machine's address as the instrument sees it."""
    with socket.create_connection((HOST, 111), timeout=PATIENCE) as connection:
        return struct.unpack(">I", socket.inet_aton(connection.getsockname()[0]))[0]


def service_requests():
    """The instrument calls the client when a measurement has ended, on TCP and on UDP."""
    address = own_address()
    meter = plain()
    for family, server in enumerate([rpc.TCPServer, rpc.UDPServer]):
        requests = Requests(server)
        channel = (address, requests.channel.port, 0x0607B1, 1, family)
        assert meter.client.create_intr_chan(*channel) == 0
        assert meter.client.create_intr_chan(*channel) == CHANNEL_EXISTS
        assert meter.client.device_enable_srq(meter.link, True, b"meter 7") == 0
        for _ in range(3):
            meter.write("*RST;*CLS;*ESE 1;*SRE 32;AVER:COUN 5;:INIT;*OPC")
            assert requests.handles.get(timeout=PATIENCE) == b"meter 7"
            assert meter.read_stb() == 64 + 32
            assert meter.read_stb() == 32
        assert meter.client.device_enable_srq(meter.link, False, b"") == 0
        meter.write("*CLS;INIT;*OPC;*WAI")
        assert meter.ask("*ESR?") == "1"
        assert requests.handles.empty()
        assert meter.client.destroy_intr_chan() == 0
        assert meter.client.destroy_intr_chan() == NO_CHANNEL
    # Never another machine than the one that asks, and nobody listens on port 9.
    for other in [(address + 1, 9), (address, 9)]:
        assert meter.client.create_intr_chan(*other, 0x0607B1, 1, 0) == NO_CHANNEL
    meter.write("*SRE 0;*ESE 0;*CLS")
    meter.close()


def abort():
    """An abort ends a read that waits, at once; others are served meanwhile."""
    meter, other = plain(timeout=60), plain()
    meter.write(LONG)
    ended = queue.Queue()

    def read():
        try:
            ended.put(meter.read())
        except protocol.Vxi11Exception as exception:
            ended.put(exception.err)

    reader = threading.Thread(target=read)
    reader.start()
    for _ in range(20):
        assert other.ask("*IDN?") == IDENTITY
    assert ended.empty()
    meter.abort()
    assert ended.get(timeout=PATIENCE) == ABORTED
    reader.join()
    meter.clear()
    assert meter.ask("*IDN?") == IDENTITY
    meter.write("*RST;*CLS")
    meter.close()
    other.close()


def three_clients():
    """Three clients on three connections: their messages do not mix."""
    def queries(instrument, message, expected, wrong):
        for _ in range(100):
            response = instrument.ask(message)
            if response != expected:
                wrong.append(response)

    wrong = []
    clients = [plain() for _ in range(3)]
    cases = [("*IDN?", IDENTITY), ("AVER:COUN? MAX", "1000"), ("SYST:VERS?", "1999.0")]
    threads = [
        threading.Thread(target=queries, args=(client, *case, wrong)) for client, case in zip(clients, cases, strict=True)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    for client in clients:
        client.close()
    assert wrong == [], wrong


def thousand_reads():
    """A thousand readings in a row."""
    with visa() as meter:
        meter.write("*RST;*CLS;VOLT:NPLC 0.02")
        for _ in range(1000):
            is_reading(meter.query("READ?"))
        meter.write("*RST")
        assert errors(meter, "query") == []


# A client that waits for a response, with the lock.
VICTIM = f"""
import vxi11
meter = vxi11.Instrument({HOST!r})
meter.timeout = 60
meter.open()
assert meter.client.device_lock(meter.link, 1, 10000) == 0
meter.write({LONG!r})
print("waiting", flush=True)
meter.read()
"""


def killed_clients():
    """Clients that are killed amid a read leave nothing behind: no lock, no link, no connection."""
    # More of them than there are connections and links.
    for _ in range(8):
        victim = subprocess.Popen([sys.executable, "-c", VICTIM], stdout=subprocess.PIPE, text=True)
        try:
            assert victim.stdout.readline() == "waiting\n"
            time.sleep(0.1)
        finally:
            os.kill(victim.pid, signal.SIGKILL)
            victim.wait()
            victim.stdout.close()
    meter = plain(timeout=PATIENCE)
    assert meter.client.device_lock(meter.link, protocol.OP_FLAG_WAIT_BLOCK, PATIENCE * 1000) == 0
    meter.write("*RST;*CLS")
    is_reading(meter.ask("READ?"))
    meter.close()


CHECKS = [
    identity_by_pyvisa,
    identity_by_python_vxi11,
    identity_by_lxi,
    error_queue,
    blocks,
    long_messages,
    locks,
    time_outs,
    clear,
    status_byte,
    triggers,
    service_requests,
    abort,
    three_clients,
    thousand_reads,
    killed_clients,
]


def main():
    for check in CHECKS:
        claim = " ".join(check.__doc__.split()).rstrip(".")
        try:
            check()
        except BaseException:
            print(f"check: {claim} ... FAILED", flush=True)
            raise
        print(f"check: {claim} ... ok", flush=True)


main()

"""A server that stands in for a sensor, and a client of it."""

import sys

import oncilla_rpc as oncilla


class Sensor:
    def read(self, channel: int) -> object:
        if channel > 1:
            raise oncilla.Refused("no such channel", detail="GARBAGE_ARGS")
        return {"STATUS_OK": {"time": 7, "value": 21500 + channel}}

    def history(self, channel: int) -> object:
        return [(time, 21000 + 100 * time) for time in range(8)]


with oncilla.Server(sys.argv[1], Sensor()) as server, server.connect() as device:
    print(device.sensor.read(1).latest)
    try:
        device.sensor.read(2)
    except oncilla.Refused as refused:
        print(refused.refusal)

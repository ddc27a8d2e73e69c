"""Calls a sensor that describes itself: ``python first.py serial:/dev/ttyACM0``."""

import sys

import oncilla_rpc as oncilla

with oncilla.connect(sys.argv[1]) as device:
    print(device.programs())
    sensor = device.sensor
    reading = sensor.read(0)
    print(reading.case.name, reading.latest.value / 1000)

    with sensor.in_flight() as calls:
        futures = [calls.read(channel) for channel in range(4)]
    print([future.result().case.name for future in futures])

    readings = sensor.read.map([0, 1] * 50)
    print(sum(reading.case.name == "STATUS_OK" for reading in readings), "of", len(readings))

    try:
        sensor.rename(0, "a name that is too long for it")
    except oncilla.BadValue as error:
        print(error)

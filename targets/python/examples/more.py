"""Finds devices, makes values and logs what a device prints: ``python more.py tcp://sensor.local:20049``."""

import logging
import sys

import oncilla_rpc as oncilla

logging.basicConfig(level=logging.INFO)

for found in oncilla.find():
    print(found.target, found.manufacturer or "", found.name or "")

with oncilla.connect(sys.argv[1], timeout=2) as device:
    types = device.types
    sample = types.Sample(time=7, value=21500)
    print(sample.asdict(), types.Status.STATUS_BROKEN.value)
    print(device["SENSOR"]["READ"](0).case.name)

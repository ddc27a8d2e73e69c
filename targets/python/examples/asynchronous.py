"""Calls a sensor with ``await``: ``python asynchronous.py tcp://sensor.local:20049``."""

import asyncio
import sys

import oncilla_rpc as oncilla


async def main() -> None:
    with oncilla.connect(sys.argv[1]) as device:
        readings = await asyncio.gather(*(device.aio.sensor.read(channel) for channel in range(2)))
        print([reading.latest.value for reading in readings])


asyncio.run(main())

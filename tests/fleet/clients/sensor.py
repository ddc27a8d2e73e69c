"""Calls a sensor of a fleet by paho-mqtt, as any MQTT client can: PORT DEVICE.

It knows the protocol of the guide's chapter "Fleets", and nothing of this project's code.
"""

import json
import queue
import struct
import sys

import paho.mqtt.client as mqtt
from paho.mqtt.packettypes import PacketTypes
from paho.mqtt.properties import Properties

PATIENCE = 20
PROGRAM = 0x20000051


class Caller:
    """One connection with one reply topic for its life, which is subscribed before the first call."""

    def __init__(self, port: int) -> None:
        self.arrived: queue.Queue[mqtt.MQTTMessage] = queue.Queue()
        self.number = 0
        self.client = mqtt.Client(mqtt.CallbackAPIVersion.VERSION2, client_id="paho", protocol=mqtt.MQTTv5)
        self.client.on_message = lambda client, data, message: self.arrived.put(message)
        subscribed: queue.Queue[object] = queue.Queue()
        self.client.on_subscribe = lambda client, data, mid, reasons, properties: subscribed.put(reasons)
        self.client.connect("127.0.0.1", port)
        self.client.loop_start()
        self.client.subscribe([("plant/reply/-/paho", 1), ("plant/presence/+", 1)])
        subscribed.get(timeout=PATIENCE)

    def message(self) -> mqtt.MQTTMessage:
        return self.arrived.get(timeout=PATIENCE)

    def publish(self, topic: str, payload: bytes, content: str) -> None:
        self.number += 1
        properties = Properties(PacketTypes.PUBLISH)
        properties.ResponseTopic = "plant/reply/-/paho"
        properties.CorrelationData = struct.pack(">Q", self.number)
        properties.ContentType = content
        properties.MessageExpiryInterval = 5
        properties.UserProperty = [("timeout-ms", "5000")]
        self.client.publish(topic, payload, qos=1, properties=properties).wait_for_publish(PATIENCE)

    def reply(self) -> mqtt.MQTTMessage:
        while (message := self.message()).topic != "plant/reply/-/paho":
            pass
        assert message.properties.CorrelationData == struct.pack(">Q", self.number)
        return message

    def call_json(self, topic: str, procedure: str, **arguments: object) -> dict:
        call = {"procedure": procedure, "arguments": arguments}
        self.publish(topic, json.dumps(call).encode(), "application/json")
        return json.loads(self.reply().payload)


def main() -> None:
    port, device = int(sys.argv[1]), sys.argv[2]
    caller = Caller(port)
    while True:
        message = caller.message()
        presence = json.loads(message.payload)
        if message.topic == f"plant/presence/{device}" and presence["state"] == "online":
            break
    print(f"{device} is online at {presence['gateway']}")
    assert any(program["program"] == f"{PROGRAM:#010x}" for program in presence["programs"]), presence

    topic = f"plant/call/{device}/{PROGRAM:#010x}/-"
    reply = caller.call_json(topic, "sensor.read", channel=0)
    assert reply == {"results": {"STATUS_OK": {"time": 2000, "value": 21625}}}, reply
    reply = caller.call_json(topic, "sensor.rename", channel=1, name="cellar")
    assert reply == {"results": False}, reply
    reply = caller.call_json(topic, "sensor.absent")
    assert "absent" in reply["text"], reply

    # The same by bytes (RFC 5531): version 1, procedure 1, AUTH_NONE, channel 0.
    call = struct.pack(">11I", 0xCAFE, 0, 2, PROGRAM, 1, 1, 0, 0, 0, 0, 0)
    caller.publish(topic, call, "application/onc-rpc")
    message = caller.reply()
    # xid, REPLY, MSG_ACCEPTED, verifier AUTH_NONE, SUCCESS, STATUS_OK, time, value.
    assert message.payload == struct.pack(">7IQi", 0xCAFE, 1, 0, 0, 0, 0, 0, 2000, 21625), message.payload.hex()
    properties = dict(message.properties.UserProperty)
    assert properties["device"] == device and properties["gateway"] == presence["gateway"], properties
    caller.publish(topic, call[:20] + struct.pack(">I", 99) + call[24:], "application/onc-rpc")
    assert caller.reply().payload == struct.pack(">6I", 0xCAFE, 1, 0, 0, 0, 3), "PROC_UNAVAIL is 3"

    # One reply of each device of a group; here there is one device.
    reply = caller.call_json(f"plant/group/sensors/{PROGRAM:#010x}/-", "sensor.read", channel=0)
    assert reply["results"]["STATUS_OK"]["value"] == 21625, reply
    reply = caller.call_json(f"plant/any/sensors/{PROGRAM:#010x}/-", "sensor.read", channel=0)
    assert reply["results"]["STATUS_OK"]["value"] == 21625, reply
    print("paho-mqtt called it by JSON and by bytes, in its group, and any of its group")


main()

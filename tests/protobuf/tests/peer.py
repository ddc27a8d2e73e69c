"""Messages by Python's protobuf library: reads descriptors, then lines with a type and a message, and writes the message again.

A line is `bytes TYPE HEX` or `json TYPE TEXT`; the answer is the message in hex.
"""

import sys

from google.protobuf import descriptor_pb2, descriptor_pool, json_format, message_factory

files = descriptor_pb2.FileDescriptorSet.FromString(bytes.fromhex(sys.stdin.readline()))
pool = descriptor_pool.DescriptorPool()
for file in files.file:
    pool.Add(file)
for line in sys.stdin:
    form, name, text = line.rstrip("\n").split(" ", 2)
    message = message_factory.GetMessageClass(pool.FindMessageTypeByName(name))()
    if form == "bytes":
        message.ParseFromString(bytes.fromhex(text))
    else:
        json_format.Parse(text, message)
    print(message.SerializeToString(deterministic=True).hex(), flush=True)

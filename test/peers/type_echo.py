#!/usr/bin/python3
"""A Proton peer that gives every message back together with what Proton made of it.

    type_echo.py HOST:PORT

A message sent to ADDRESS comes back to the receiver on ADDRESS: first the message itself, decoded
and encoded again by Proton, then a string that names the AMQP type and value of everything in it:

    body value: map{symbol(a): uint(5)}
    property k: ubyte(7)
"""
import sys
import uuid

import proton
from proton.handlers import MessagingHandler
from proton.reactor import Container

# Python types stand for AMQP types one to one in Proton
NAMES = {
    type(None): "null", bool: "boolean", proton.ubyte: "ubyte", proton.byte: "byte", proton.ushort: "ushort",
    proton.short: "short", proton.uint: "uint", proton.int32: "int", proton.ulong: "ulong", int: "long",
    proton.float32: "float", float: "double", proton.decimal32: "decimal32", proton.decimal64: "decimal64",
    proton.decimal128: "decimal128", proton.char: "char", proton.timestamp: "timestamp", uuid.UUID: "uuid",
    bytes: "binary", memoryview: "binary", str: "string", proton.symbol: "symbol",
}


def describe(value):
    if isinstance(value, proton.Described):
        return "described(%s, %s)" % (describe(value.descriptor), describe(value.value))
    if isinstance(value, proton.Array):
        descriptor = "" if value.descriptor is proton.UNDESCRIBED else describe(value.descriptor) + "; "
        return "array<%s>[%s%s]" % (
            proton.Data.type_names[value.type], descriptor, ", ".join(describe(e) for e in value.elements))
    if isinstance(value, dict):
        return "map{%s}" % ", ".join("%s: %s" % (describe(k), describe(v)) for k, v in value.items())
    if isinstance(value, (list, tuple)):
        return "list[%s]" % ", ".join(describe(e) for e in value)
    name = NAMES[type(value)]
    return name if value is None else "%s(%s)" % (name, text(name, value))


def text(name, value):
    if name == "boolean":
        return str(value).lower()
    if name in ("decimal32", "decimal64"):
        return "%x" % int(value)  # the raw bits
    if isinstance(value, (bytes, memoryview)):
        return bytes(value).hex()
    if isinstance(value, int):
        return str(int(value))
    return repr(float(value)) if isinstance(value, float) else str(value)


def section(message):
    if not message.inferred:
        return "value"
    return "sequence" if isinstance(message.body, list) else "data"


def report(message):
    lines = ["body %s: %s" % (section(message), describe(message.body))]
    for key, value in (message.properties or {}).items():
        lines.append("property %s: %s" % (key, describe(value)))
    return "\n".join(lines)


class TypeEcho(MessagingHandler):
    def __init__(self, url):
        super().__init__()
        self.url = url
        self.waiting = {}
        self.senders = {}

    def on_start(self, event):
        event.container.listen(self.url)
        print("listening on", self.url, flush=True)

    def on_link_opening(self, event):
        link = event.link
        if link.is_sender:
            link.source.address = link.remote_source.address
            self.senders[link.source.address] = link
        else:
            link.target.address = link.remote_target.address

    def on_link_closing(self, event):
        if event.link.is_sender:
            self.senders.pop(event.link.source.address, None)

    def on_message(self, event):
        address = event.link.target.address
        try:
            answer = report(event.message)
        except Exception as e:  # the test shows it; the peer goes on
            answer = "cannot describe: %r" % e
        self.waiting.setdefault(address, []).extend((event.message, proton.Message(body=answer)))
        self.pump(address)

    def on_sendable(self, event):
        self.pump(event.sender.source.address)

    def pump(self, address):
        sender, queue = self.senders.get(address), self.waiting.get(address, [])
        while sender is not None and sender.credit and queue:
            sender.send(queue.pop(0))


if __name__ == "__main__":
    if len(sys.argv) != 2:
        sys.exit(__doc__)
    Container(TypeEcho(sys.argv[1])).run()

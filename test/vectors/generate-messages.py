#!/usr/bin/python3
"""Writes messages.txt: whole messages as Qpid Proton encodes them, one per line: name, space, hex.

Run with /usr/bin/python3 (apt-get install python3-qpid-proton); the result is committed, so the tests need no Proton.
"""
import os
import uuid

from proton import (Array, Data, Described, Message, UNDESCRIBED, byte, char, decimal128, decimal32, decimal64, float32,
                    int32, short, symbol, timestamp, ubyte, uint, ulong, ushort)

ID = uuid.UUID("01020304-0506-0708-090a-0b0c0d0e0f10")


def headers(m):
    m.durable = True
    m.priority = 9
    m.ttl = 1.5
    m.first_acquirer = True
    m.delivery_count = 3


def properties(m):
    m.id = ID
    m.user_id = b"guest"
    m.address = "queue"
    m.subject = "greeting"
    m.reply_to = "replies"
    m.correlation_id = "c-1"
    m.content_type = symbol("text/plain")
    m.content_encoding = symbol("gzip")
    m.expiry_time = 1700000001.5
    m.creation_time = 1700000000.25
    m.group_id = "group"
    m.group_sequence = 7
    m.reply_to_group_id = "reply-group"


def everything(m):
    headers(m)
    properties(m)
    m.instructions = {symbol("x-opt-da"): int32(-1)}
    m.annotations = {symbol("x-opt-ma"): "annotation", symbol("x-opt-list"): [1, "two"]}
    m.properties = {"text": "value", "number": int32(42), "none": None}
    m.body = {"key": [True, None, 1.5]}


def set_id(value):
    def change(m):
        m.id = value
        m.correlation_id = value
    return change


def message(body=None, inferred=False, change=None):
    m = Message(body=body, inferred=inferred)
    if change:
        change(m)
    return m.encode()


VALUES = {
    "null": None, "true": True, "false": False, "string": "Hello World!", "string-wide": "x" * 300, "unicode": "Grüße 🙂", "binary": b"\x00\x01\x02",
    "ubyte": ubyte(200), "byte": byte(-100), "ushort": ushort(60000), "short": short(-30000), "uint": uint(4000000000), "uint0": uint(0), "int": int32(-5),
    "long": -9000000000, "ulong": ulong(18000000000000000000), "float": float32(1.5), "double": -2.25, "char": char("é"), "timestamp": timestamp(1700000000123),
    "uuid": ID, "symbol": symbol("a:symbol"), "list": [1, "two", None, [True]], "list-empty": [], "map": {"b": 1, "a": [2]}, "map-empty": {},
    "decimal32": decimal32(0x32800001), "decimal64": decimal64(0x31C0000000000001), "decimal128": decimal128(bytes(range(16))),
    "array-int": Array(UNDESCRIBED, Data.INT, int32(1), int32(-1), int32(100000)), "array-symbol": Array(UNDESCRIBED, Data.SYMBOL, symbol("a"), symbol("bc")),
    "array-ubyte": Array(UNDESCRIBED, Data.UBYTE, ubyte(1), ubyte(2)), "described": Described(symbol("my:type"), [1, 2]), "described-ulong": Described(ulong(0x1234), "x"),
}
SIMPLE = [name for name in VALUES if not name.startswith(("list", "map", "array", "described"))]

lines = {
    "value-" + name: message(value) for name, value in VALUES.items()
}
lines.update({"application-property-" + name: message("x", change=lambda m, n=name: setattr(m, "properties", {"key": VALUES[n]})) for name in SIMPLE})
lines.update({
    "empty": message(),
    "data": message(b"\x01\x02\x03", inferred=True),
    "data-empty": message(b"", inferred=True),
    "data-wide": message(bytes(range(256)) * 2, inferred=True),
    "sequence": message([1, "two", None], inferred=True),
    "header": message("x", change=headers),
    "properties": message("x", change=properties),
    "everything": message(change=everything),
    "id-ulong": message("x", change=set_id(ulong(77))),
    "id-string": message("x", change=set_id("id-1")),
    "id-binary": message("x", change=set_id(b"\x01\x02")),
    "id-uuid": message("x", change=set_id(ID)),
})

with open(os.path.join(os.path.dirname(os.path.abspath(__file__)), "messages.txt"), "w", encoding="ascii") as out:
    for name, encoded in lines.items():
        out.write(f"{name} {encoded.hex()}\n")

#!/usr/bin/python3
"""Writes proton.json: AMQP 1.0 encodings made by Qpid Proton, with the value that each stands for.

Run with Debian's Python (apt-get install python3-qpid-proton): /usr/bin/python3 make_proton_vectors.py
Each vector has a name, the bytes in hex, and "value", the text that ValueText.Of in the tests gives for the decoded value.
Messages are whole encoded messages: a sequence of described sections.
"""
import json
import pathlib
import uuid

import proton
from proton import (Array, Data, Described, Message, UNDESCRIBED, byte, char, decimal128, decimal32, decimal64, float32,
                    int32, short, symbol, timestamp, ubyte, uint, ulong, ushort)

SOME_UUID = uuid.UUID("00112233-4455-6677-8899-aabbccddeeff")


def quoted(text):
    return json.dumps(text)


def encode(value):
    data = Data()
    data.put_object(value)
    return data.encode()


VALUES = [
    ("null", None, "null"),
    ("true", True, "boolean true"),
    ("false", False, "boolean false"),
    ("ubyte-0", ubyte(0), "ubyte 0"),
    ("ubyte-255", ubyte(255), "ubyte 255"),
    ("ushort-max", ushort(65535), "ushort 65535"),
    ("uint-0", uint(0), "uint 0"),
    ("uint-1", uint(1), "uint 1"),
    ("uint-255", uint(255), "uint 255"),
    ("uint-256", uint(256), "uint 256"),
    ("uint-max", uint(4294967295), "uint 4294967295"),
    ("ulong-0", ulong(0), "ulong 0"),
    ("ulong-1", ulong(1), "ulong 1"),
    ("ulong-255", ulong(255), "ulong 255"),
    ("ulong-256", ulong(256), "ulong 256"),
    ("ulong-max", ulong(18446744073709551615), "ulong 18446744073709551615"),
    ("byte-min", byte(-128), "byte -128"),
    ("byte-max", byte(127), "byte 127"),
    ("short-min", short(-32768), "short -32768"),
    ("short-max", short(32767), "short 32767"),
    ("int-0", int32(0), "int 0"),
    ("int-minus-1", int32(-1), "int -1"),
    ("int-minus-128", int32(-128), "int -128"),
    ("int-127", int32(127), "int 127"),
    ("int-128", int32(128), "int 128"),
    ("int-minus-129", int32(-129), "int -129"),
    ("int-min", int32(-2147483648), "int -2147483648"),
    ("int-max", int32(2147483647), "int 2147483647"),
    ("long-0", 0, "long 0"),
    ("long-minus-128", -128, "long -128"),
    ("long-127", 127, "long 127"),
    ("long-128", 128, "long 128"),
    ("long-min", -9223372036854775808, "long -9223372036854775808"),
    ("long-max", 9223372036854775807, "long 9223372036854775807"),
    ("float-1.5", float32(1.5), "float 0x3fc00000"),
    ("float-minus-0", float32(-0.0), "float 0x80000000"),
    ("double-1.5", 1.5, "double 0x3ff8000000000000"),
    ("double-infinity", float("inf"), "double 0x7ff0000000000000"),
    ("decimal32", decimal32(0x32800001), "decimal32 0x32800001"),
    ("decimal64", decimal64(0x31c0000000000001), "decimal64 0x31c0000000000001"),
    ("decimal128", decimal128(bytes(range(16))), "decimal128 0x000102030405060708090a0b0c0d0e0f"),
    ("char-A", char("A"), "char U+0041"),
    ("char-euro", char("\u20ac"), "char U+20AC"),
    ("char-beyond-bmp", char("\U0001f600"), "char U+1F600"),
    ("timestamp-0", timestamp(0), "timestamp 0"),
    ("timestamp", timestamp(1311704463521), "timestamp 1311704463521"),
    ("timestamp-before-epoch", timestamp(-1), "timestamp -1"),
    ("timestamp-beyond-9999", timestamp(253402300800000), "timestamp 253402300800000"),
    ("timestamp-min", timestamp(-9223372036854775808), "timestamp -9223372036854775808"),
    ("uuid", SOME_UUID, "uuid 00112233-4455-6677-8899-aabbccddeeff"),
    ("binary-empty", b"", "binary "),
    ("binary-3", b"\x00\x01\xff", "binary 0001ff"),
    ("binary-255", b"x" * 255, "binary " + "78" * 255),
    ("binary-256", b"x" * 256, "binary " + "78" * 256),
    ("string-empty", "", 'string ""'),
    ("string-ascii", "Hello World!", 'string "Hello World!"'),
    ("string-unicode", "gr\u00fc\u00df \u20ac \U0001f600", "string " + quoted("gr\u00fc\u00df \u20ac \U0001f600")),
    ("string-255", "a" * 255, "string " + quoted("a" * 255)),
    ("string-256", "a" * 256, "string " + quoted("a" * 256)),
    ("string-2-byte-chars-256", "\u00e9" * 128, "string " + quoted("\u00e9" * 128)),
    ("symbol-empty", symbol(""), "symbol "),
    ("symbol", symbol("amqp:accepted:list"), "symbol amqp:accepted:list"),
    ("symbol-256", symbol("s" * 256), "symbol " + "s" * 256),
    ("list-empty", [], "list[]"),
    ("list", [None, True, int32(7), "x", [symbol("y")]], 'list[null, boolean true, int 7, string "x", list[symbol y]]'),
    ("list-of-300", [int32(i) for i in range(300)], "list[" + ", ".join(f"int {i}" for i in range(300)) + "]"),
    ("list-large", ["z" * 100, "z" * 200], f'list[string {quoted("z" * 100)}, string {quoted("z" * 200)}]'),
    ("map-empty", {}, "map{}"),
    ("map", {"a": int32(1), symbol("b"): [True], ulong(3): {"c": None}},
     'map{string "a": int 1, symbol b: list[boolean true], ulong 3: map{string "c": null}}'),
    ("map-large", {f"key-{i}": i for i in range(100)},
     "map{" + ", ".join(f'string "key-{i}": long {i}' for i in range(100)) + "}"),
    ("described-symbolic", Described(symbol("com.example:url"), "http://example.org/"),
     'described(symbol com.example:url, string "http://example.org/")'),
    ("described-numeric", Described(ulong(0x24), []), "described(ulong 36, list[])"),
    ("described-large-code", Described(ulong(0x0000468C00000004), "x"), 'described(ulong 77567109365764, string "x")'),
    ("described-nested", Described(symbol("a"), Described(ulong(1), None)), "described(symbol a, described(ulong 1, null))"),
    ("array-int", Array(UNDESCRIBED, Data.INT, int32(1), int32(-2), int32(300)), "array(int)[int 1, int -2, int 300]"),
    ("array-uint", Array(UNDESCRIBED, Data.UINT, uint(0), uint(1)), "array(uint)[uint 0, uint 1]"),
    ("array-long", Array(UNDESCRIBED, Data.LONG, 1, 2), "array(long)[long 1, long 2]"),
    ("array-ulong", Array(UNDESCRIBED, Data.ULONG, ulong(1), ulong(2)), "array(ulong)[ulong 1, ulong 2]"),
    ("array-boolean", Array(UNDESCRIBED, Data.BOOL, True, False), "array(boolean)[boolean true, boolean false]"),
    ("array-ubyte", Array(UNDESCRIBED, Data.UBYTE, ubyte(1), ubyte(255)), "array(0x50)[ubyte 1, ubyte 255]"),
    ("array-byte", Array(UNDESCRIBED, Data.BYTE, byte(1), byte(-1)), "array(byte)[byte 1, byte -1]"),
    ("array-short", Array(UNDESCRIBED, Data.SHORT, short(1), short(-1)), "array(short)[short 1, short -1]"),
    ("array-ushort", Array(UNDESCRIBED, Data.USHORT, ushort(1), ushort(65535)), "array(ushort)[ushort 1, ushort 65535]"),
    ("array-float", Array(UNDESCRIBED, Data.FLOAT, float32(1.5)), "array(float)[float 0x3fc00000]"),
    ("array-double", Array(UNDESCRIBED, Data.DOUBLE, 1.5, 0.0), "array(double)[double 0x3ff8000000000000, double 0x0000000000000000]"),
    ("array-char", Array(UNDESCRIBED, Data.CHAR, char("A"), char("\u20ac")), "array(char)[char U+0041, char U+20AC]"),
    ("array-timestamp", Array(UNDESCRIBED, Data.TIMESTAMP, timestamp(5)), "array(timestamp)[timestamp 5]"),
    ("array-uuid", Array(UNDESCRIBED, Data.UUID, SOME_UUID), f"array(uuid)[uuid {SOME_UUID}]"),
    ("array-binary", Array(UNDESCRIBED, Data.BINARY, b"\x01", b""), "array(binary)[binary 01, binary ]"),
    ("array-string", Array(UNDESCRIBED, Data.STRING, "a", "bc"), 'array(string)[string "a", string "bc"]'),
    ("array-symbol", Array(UNDESCRIBED, Data.SYMBOL, symbol("PLAIN"), symbol("ANONYMOUS")), "array(symbol)[symbol PLAIN, symbol ANONYMOUS]"),
    ("array-empty", Array(UNDESCRIBED, Data.INT), "array(int)[]"),
    ("array-decimal32", Array(UNDESCRIBED, Data.DECIMAL32, decimal32(1)), "array(decimal32)[decimal32 0x00000001]"),
    ("array-decimal64", Array(UNDESCRIBED, Data.DECIMAL64, decimal64(1)), "array(decimal64)[decimal64 0x0000000000000001]"),
    ("array-decimal128", Array(UNDESCRIBED, Data.DECIMAL128, decimal128(bytes(range(16)))),
     "array(decimal128)[decimal128 0x000102030405060708090a0b0c0d0e0f]"),
    ("array-of-lists", Array(UNDESCRIBED, Data.LIST, [int32(1)], []), "array(0xd0)[list[int 1], list[]]"),
    ("array-of-maps", Array(UNDESCRIBED, Data.MAP, {"a": True}), 'array(0xd1)[map{string "a": boolean true}]'),
    ("array-of-arrays", Array(UNDESCRIBED, Data.ARRAY, Array(UNDESCRIBED, Data.INT, int32(1)), Array(UNDESCRIBED, Data.STRING, "x")),
     'array(0xf0)[array(int)[int 1], array(string)[string "x"]]'),
    ("array-described", Array(symbol("com.example:url"), Data.STRING, "a", "b"),
     'array(symbol com.example:url, 0xb1)[string "a", string "b"]'),
    ("array-described-numeric", Array(ulong(7), Data.ULONG, ulong(1)), "array(ulong 7, 0x80)[ulong 1]"),
]


def message(**fields):
    return Message(**fields).encode()


MESSAGES = [
    ("message-string", message(body="Hello World!")),
    ("message-binary", message(body=b"\x00\x01", inferred=True)),
    ("message-list-as-sequence", message(body=[int32(1), "two"], inferred=True)),
    ("message-map", message(body={"a": int32(1)})),
    ("message-full", message(
        body="x", id=SOME_UUID, user_id=b"guest", address="queue", subject="s", reply_to="r", correlation_id=ulong(9),
        content_type=symbol("text/plain"), content_encoding=symbol("identity"), expiry_time=1.5, creation_time=2.5,
        group_id="g", group_sequence=3, reply_to_group_id="rg", durable=True, priority=9, ttl=1.0, first_acquirer=True,
        delivery_count=2, properties={"p": int32(1)}, annotations={symbol("x-opt"): True}, instructions={symbol("x-di"): 1})),
]


def main():
    out = {
        "producer": "Qpid Proton %d.%d.%d" % proton.VERSION,
        "values": [{"name": n, "hex": encode(v).hex(), "value": t} for n, v, t in VALUES],
        "messages": [{"name": n, "hex": b.hex()} for n, b in MESSAGES],
    }
    path = pathlib.Path(__file__).with_name("proton.json")
    path.write_text(json.dumps(out, indent=1, ensure_ascii=True) + "\n", encoding="ascii")


if __name__ == "__main__":
    main()

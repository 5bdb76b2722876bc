#!/usr/bin/env python3
"""Makes the tables that SASLprep (RFC 4013) needs, and the vectors that its tests are held against.

    eng/saslprep.py        writes src/Messaging/Security/Prep/unicode32.bin and test/Messaging.Tests/Security/saslprep-vectors.txt

The tables are those of RFC 3454 (Unicode 3.2 for ever), as Python's modules `stringprep` and `unicodedata.ucd_3_2_0` have them.
Our own normalization, because .NET's does nothing in the invariant globalization mode that small containers run in.
The vectors come from Python's own normalization, not from the tables.
"""
import os, random, stringprep, unicodedata, zlib

ROOT = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
UCD = unicodedata.ucd_3_2_0
OTHER, LEFT, RIGHT, PROHIBITED, UNASSIGNED, NOTHING, SPACE = range(7)
PROHIBITED_TABLES = [getattr(stringprep, "in_table_" + t) for t in "c21 c22 c3 c4 c5 c6 c7 c8 c9".split()]


def kind(cp):
    c = chr(cp)
    if stringprep.in_table_b1(c): return NOTHING
    if stringprep.in_table_c12(c): return SPACE
    if any(table(c) for table in PROHIBITED_TABLES): return PROHIBITED
    if stringprep.in_table_a1(c): return UNASSIGNED
    if stringprep.in_table_d1(c): return RIGHT
    if stringprep.in_table_d2(c): return LEFT
    return OTHER


def is_surrogate(cp): return 0xD800 <= cp <= 0xDFFF
def is_hangul(cp): return 0xAC00 <= cp <= 0xD7A3


def varint(n):
    out = bytearray()
    while n >= 0x80:
        out.append(n & 0x7F | 0x80)
        n >>= 7
    out.append(n)
    return bytes(out)


def runs(value):
    """The code points as runs of one value; runs of 0 are left out."""
    out, start = [], 0
    for cp in range(1, 0x110001):
        if cp == 0x110000 or value(cp) != value(start):
            if value(start): out.append((start, cp - start, value(start)))
            start = cp
    data, last = varint(len(out)), 0
    for start, length, v in out:
        data += varint(start - last) + varint(length) + varint(v)
        last = start
    return data


def tables():
    kinds = [kind(cp) for cp in range(0x110000)]
    classes = [UCD.combining(chr(cp)) for cp in range(0x110000)]
    decompositions, pairs = [], []
    for cp in range(0x110000):
        if is_surrogate(cp) or is_hangul(cp): continue
        full = UCD.normalize("NFKD", chr(cp))
        if full != chr(cp): decompositions.append((cp, [ord(c) for c in full]))
        canonical = UCD.decomposition(chr(cp)).split()
        if len(canonical) == 2 and not canonical[0].startswith("<"):
            first, second = (int(c, 16) for c in canonical)
            if UCD.normalize("NFC", chr(first) + chr(second)) == chr(cp): pairs.append((first, second, cp))
    data = runs(kinds.__getitem__) + runs(classes.__getitem__) + varint(len(decompositions))
    last = 0
    for cp, full in decompositions:
        data += varint(cp - last) + varint(len(full)) + b"".join(map(varint, full))
        last = cp
    data += varint(len(pairs)) + b"".join(varint(n) for pair in pairs for n in pair)
    return data


def saslprep(text, stored):
    mapped = "".join(" " if stringprep.in_table_c12(c) else c for c in text if not stringprep.in_table_b1(c))
    out = UCD.normalize("NFKC", mapped)
    for c in out:
        if stringprep.in_table_c12(c) or any(table(c) for table in PROHIBITED_TABLES): return None
        if stored and stringprep.in_table_a1(c): return None
    if any(map(stringprep.in_table_d1, out)):
        if any(map(stringprep.in_table_d2, out)) or not (stringprep.in_table_d1(out[0]) and stringprep.in_table_d1(out[-1])): return None
    return out


def hexed(text): return " ".join("%04X" % ord(c) for c in text)


def vectors():
    rng = random.Random(4013)
    pools = [(0x20, 0x7F), (0xA0, 0x250), (0x300, 0x370), (0x590, 0x700), (0x900, 0xE00), (0x1100, 0x1200), (0x1E00, 0x2000), (0x2000, 0x2300),
             (0x2460, 0x2500), (0x3040, 0x3400), (0xAC00, 0xD7A4), (0xF900, 0xFB50), (0xFB50, 0x10000), (0x1D100, 0x1D800), (0x2F800, 0x2FA1E), (0x20, 0x110000)]
    for _ in range(600):
        mine = rng.sample(pools, rng.choice((1, 1, 2, 3)))
        cps = [rng.randrange(*rng.choice(mine)) for _ in range(rng.randrange(1, 7))]
        text = "".join(chr(cp) for cp in cps if not is_surrogate(cp))
        if any(unicodedata.combining(c) != UCD.combining(c) for c in text): continue  # younger marks: Python orders them by today's classes
        for stored in (True, False):
            out = saslprep(text, stored)
            yield f"{'stored' if stored else 'query'};{hexed(text)};{'refused' if out is None else hexed(out)}"


def main():
    packer = zlib.compressobj(9, zlib.DEFLATED, -15)
    with open(os.path.join(ROOT, "src/Messaging/Security/Prep/unicode32.bin"), "wb") as f:
        f.write(packer.compress(tables()) + packer.flush())
    with open(os.path.join(ROOT, "test/Messaging.Tests/Security/saslprep-vectors.txt"), "w") as f:
        f.write("\n".join(vectors()) + "\n")


main()

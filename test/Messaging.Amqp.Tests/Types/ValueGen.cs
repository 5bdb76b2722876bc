using System.Text;
using CsCheck;

namespace Messaging.Amqp.Tests.Types;

/// <summary>Generates values of every type that <see cref="AmqpWriter.WriteValue"/> takes, canonical or not.</summary>
internal static class ValueGen
{
    private static readonly Gen<Rune> Runes = Gen.OneOf(Gen.Int[0, 0x7f], Gen.Int[0x80, 0xd7ff], Gen.Int[0xe000, 0xffff], Gen.Int[0x10000, 0x10ffff]).Select(i => new Rune(i));
    private static readonly Gen<char> BmpChars = Gen.OneOf(Gen.Char[' ', '~'], Gen.Char['\u0080', '\ud7ff'], Gen.Char['\ue000', '\uffff']);
    private static readonly Gen<int> Lengths = Gen.Frequency((6, Gen.Int[0, 12]), (2, Gen.Int[80, 90]), (2, Gen.Int[250, 260]), (1, Gen.Int[4090, 4100]));
    private static readonly Gen<int> FewItems = Gen.Frequency((8, Gen.Int[0, 6]), (1, Gen.Int[100, 300]));
    private static readonly Gen<string> Texts = Lengths.SelectMany(n => Gen.OneOf(Gen.Char[' ', '~'].Array[n].Select(c => new string(c)), Runes.Array[n].Select(r => string.Concat(r))));
    private static readonly Gen<Symbol> Symbols = Lengths.SelectMany(n => Gen.Char[' ', '~'].Array[n].Select(c => new Symbol(new string(c))));
    private static readonly Gen<byte[]> Binaries = Lengths.SelectMany(n => Gen.Byte.Array[n]);
    private static readonly Gen<int> Ints = Gen.OneOf(Gen.Int[-130, 130], Gen.Int, Gen.Const(int.MinValue), Gen.Const(int.MaxValue));
    private static readonly Gen<uint> UInts = Gen.OneOf(Gen.UInt[0, 260], Gen.UInt, Gen.Const(uint.MaxValue));
    private static readonly Gen<long> Longs = Gen.OneOf(Gen.Long[-130, 130], Gen.Long, Gen.Const(long.MinValue), Gen.Const(long.MaxValue));
    private static readonly Gen<ulong> ULongs = Gen.OneOf(Gen.ULong[0, 260], Gen.ULong, Gen.Const(ulong.MaxValue));
    private static readonly Gen<DateTime> Times = Gen.Long[0, DateTime.MaxValue.Ticks].Select(t => new DateTime(t, DateTimeKind.Utc));
    private static readonly Gen<AmqpTimestamp> Timestamps = Longs.Select(l => new AmqpTimestamp(l));
    private static readonly Gen<DateTimeOffset> Offsets = Gen.Select(Gen.Long[TimeSpan.TicksPerDay, DateTime.MaxValue.Ticks - TimeSpan.TicksPerDay], Gen.Int[-14, 14], (t, h) => new DateTimeOffset(t, TimeSpan.FromHours(h)));
    private static readonly Gen<AmqpDecimal128> Decimals = Gen.Select(Gen.ULong, Gen.ULong, (h, l) => new AmqpDecimal128(new UInt128(h, l)));
    private static readonly Gen<float> Floats = Gen.UInt.Select(BitConverter.UInt32BitsToSingle);
    private static readonly Gen<double> Doubles = Gen.ULong.Select(BitConverter.UInt64BitsToDouble);

    public static readonly Gen<object?> Scalars = Gen.OneOf(
        Gen.Const((object?)null), Box(Gen.Bool), Box(Gen.Byte), Box(Gen.SByte), Box(Gen.UShort), Box(Gen.Short), Box(UInts), Box(Ints), Box(ULongs), Box(Longs),
        Box(Floats), Box(Doubles), Box(Gen.UInt.Select(b => new AmqpDecimal32(b))), Box(Gen.ULong.Select(b => new AmqpDecimal64(b))), Box(Decimals), Box(Gen.Decimal),
        Box(BmpChars), Box(Runes), Box(Times), Box(Offsets), Box(Timestamps), Box(Gen.Guid), Box(Binaries), Box(Binaries.Select(b => new ReadOnlyMemory<byte>(b))),
        Box(Texts), Box(Symbols));

    private static readonly Gen<object?> TypedArrays = FewItems.SelectMany(n => Gen.OneOf(
        Box(Gen.Bool.Array[n]), Box(Gen.SByte.Array[n]), Box(Gen.UShort.Array[n]), Box(Gen.Short.Array[n]), Box(UInts.Array[n]), Box(Gen.UInt[0, 255].Array[n]),
        Box(Ints.Array[n]), Box(Gen.Int[-128, 127].Array[n]), Box(ULongs.Array[n]), Box(Gen.ULong[0, 255].Array[n]), Box(Longs.Array[n]), Box(Gen.Long[-128, 127].Array[n]),
        Box(Floats.Array[n]), Box(Doubles.Array[n]), Box(Gen.UInt.Select(b => new AmqpDecimal32(b)).Array[n]), Box(Gen.ULong.Select(b => new AmqpDecimal64(b)).Array[n]),
        Box(Decimals.Array[n]), Box(Gen.Decimal.Array[n]), Box(BmpChars.Array[n]), Box(Runes.Array[n]), Box(Times.Array[n]), Box(Offsets.Array[n]), Box(Timestamps.Array[n]),
        Box(Gen.Guid.Array[n]), Box(Binaries.Array[Math.Min(n, 6)]), Box(Texts.Array[Math.Min(n, 6)]), Box(Symbols.Array[Math.Min(n, 6)])));

    private static readonly Gen<object> Descriptors = Gen.OneOf(ULongs.Select(u => (object)u), Symbols.Select(s => (object)s));

    /// <summary>Scalars, arrays and containers of each other, up to a depth.</summary>
    public static readonly Gen<object?> Values = OfDepth(4);

    private static Gen<object?> OfDepth(int depth)
    {
        if (depth == 0)
            return Scalars;
        Gen<object?> inner = OfDepth(depth - 1);
        Gen<object?> lists = Box(FewItems.SelectMany(n => inner.List[Math.Min(n, depth == 1 ? 300 : 5)]));
        return Gen.Frequency((6, Scalars), (2, TypedArrays), (1, lists), (1, Box(lists.Select(l => ((List<object?>)l!).ToArray()))), (2, Maps(inner)),
            (1, Box(Gen.Select(Descriptors, inner, (d, v) => new Described(d, v)))), (1, Box(ElementArrays(inner))));
    }

    private static Gen<object?> Maps(Gen<object?> inner)
    {
        Gen<object> keys = Gen.OneOf(Texts.Select(t => (object)t), Symbols.Select(s => (object)s), Ints.Select(i => (object)i), ULongs.Select(u => (object)u), BmpChars.Select(c => (object)c));
        return Gen.Select(keys, inner).List[0, 5].Select(pairs => (object?)new OrderedDictionary<object, object?>(pairs.DistinctBy(p => p.Item1).Select(p => KeyValuePair.Create(p.Item1, p.Item2))));
    }

    // Arrays that only AmqpArray expresses: each element encoding with values that fit it, plain or described.
    private static Gen<AmqpArray> ElementArrays(Gen<object?> inner)
    {
        Gen<List<object?>> lists = inner.List[0, 3];
        Gen<(byte Code, object?[] Items)> content = Gen.Int[0, 4].SelectMany(n => Gen.OneOf(
            Of(FormatCode.UByte, Box(Gen.Byte), n), Of(FormatCode.Null, Gen.Const((object?)null), n), Of(FormatCode.UInt0, Gen.Const((object?)0u), n), Of(FormatCode.BooleanTrue, Gen.Const((object?)true), n),
            Of(FormatCode.Int, Box(Ints), n), Of(FormatCode.SmallInt, Box(Gen.Int[-128, 127]), n), Of(FormatCode.SmallULong, Box(Gen.ULong[0, 255]), n), Of(FormatCode.Uuid, Box(Gen.Guid), n),
            Of(FormatCode.String8, Box(Gen.String[Gen.Char['a', 'z'], 0, 9]), n), Of(FormatCode.String32, Box(Texts), n), Of(FormatCode.Symbol32, Box(Symbols), n), Of(FormatCode.Binary32, Box(Binaries), n),
            Of(FormatCode.List32, Box(lists), n), Of(FormatCode.List0, Gen.Const(() => (object?)new List<object?>()), n), Of(FormatCode.Map32, Maps(inner), n), Of(FormatCode.Array32, TypedArrays, n)));
        return Gen.Select(content, Descriptors.List[0, 2], (c, d) => new AmqpArray(c.Code, c.Items, d));
    }

    private static Gen<(byte Code, object?[] Items)> Of(byte code, Gen<object?> items, int count) => items.Array[count].Select(i => (code, i));

    private static Gen<object?> Box<T>(Gen<T> gen) => gen.Select(v => (object?)v);
}

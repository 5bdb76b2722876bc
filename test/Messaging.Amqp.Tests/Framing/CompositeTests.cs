using CsCheck;

namespace Messaging.Amqp.Tests.Framing;

/// <summary>What holds for every composite alike.</summary>
public sealed class CompositeTests
{
    // No field of any composite has this type.
    private static readonly byte[] WrongType = [FormatCode.Double, 0, 0, 0, 0, 0, 0, 0, 0];

    public static TheoryData<string> Names => [.. CompositeCase.All.Select(c => c.ShortName)];

    [Theory]
    [MemberData(nameof(Names))]
    public void Read_WhatWasWritten_GivesTheSameFields(string name)
    {
        CompositeCase composite = CompositeCase.Of(name);

        Gen.Int.Sample(seed =>
        {
            byte[] written = composite.Random(new Random(seed), out string printed);

            byte[] rewritten = composite.Rewrite(written, out string reprinted);

            Assert.Equal(written, rewritten);
            Assert.Equal(printed, reprinted);
        });
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void Read_SymbolicDescriptor_GivesTheSameFields(string name)
    {
        CompositeCase composite = CompositeCase.Of(name);

        Gen.Int.Sample(seed =>
        {
            byte[] written = composite.Random(new Random(seed), out _);
            EncodedList list = EncodedList.Parse(written);
            list.Descriptor = new Descriptor(composite.Name);

            byte[] rewritten = composite.Rewrite(list.ToBytes(), out _);

            Assert.Equal(written, rewritten);
        });
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void Read_WideEncodings_GivesTheSameFields(string name)
    {
        CompositeCase composite = CompositeCase.Of(name);

        Gen.Int.Sample(seed =>
        {
            byte[] written = composite.Random(new Random(seed), out _);

            byte[] rewritten = composite.Rewrite(EncodedList.Parse(written).ToWideBytes(), out _);

            Assert.Equal(written, rewritten);
        });
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void Read_NullsAtTheEndAndExtraFields_SkipsThem(string name)
    {
        CompositeCase composite = CompositeCase.Of(name);

        Gen.Int.Sample(seed =>
        {
            byte[] written = composite.Random(new Random(seed), out _);
            EncodedList list = EncodedList.Parse(written);
            list.Set(composite.Fields.Count, WrongType);
            list.Fields.Add([FormatCode.List8, 3, 1, FormatCode.SmallUInt, 7]);

            byte[] rewritten = composite.Rewrite(list.ToBytes(), out _);

            Assert.Equal(written, rewritten);
        });
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void Write_AnyFields_EndsAfterTheLastOneThatIsNotNull(string name)
    {
        CompositeCase composite = CompositeCase.Of(name);

        Gen.Int.Sample(seed =>
        {
            byte[] written = composite.Random(new Random(seed), out _);

            List<byte[]> fields = EncodedList.Parse(written).Fields;

            Assert.True(fields.Count == 0 || fields[^1][0] != FormatCode.Null);
            Assert.True(fields.Count <= composite.Fields.Count);
        });
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void Read_ExtraFieldThatDoesNotParse_IsDecodeError(string name)
    {
        CompositeCase composite = CompositeCase.Of(name);
        EncodedList list = EncodedList.Parse(composite.Random(new Random(1), out _));
        list.Set(composite.Fields.Count, [0x01]);

        AmqpCodecException error = Assert.Throws<AmqpCodecException>(() => composite.Rewrite(list.ToBytes(), out _));

        Assert.Equal(ErrorCondition.DecodeError, error.Error!.Condition);
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void Read_MandatoryFieldMissing_IsInvalidFieldNamingIt(string name)
    {
        CompositeCase composite = CompositeCase.Of(name);
        for (int i = 0; i < composite.Fields.Count; i++)
        {
            if (!composite.Fields[i].Mandatory)
                continue;

            EncodedList nulled = EncodedList.Parse(composite.Random(new Random(i), out _));
            nulled.Set(i, EncodedList.Null);
            EncodedList cut = EncodedList.Parse(composite.Random(new Random(i), out _));
            cut.Fields.RemoveRange(i, cut.Fields.Count - i);

            foreach (EncodedList list in new[] { nulled, cut })
            {
                AmqpCodecException error = Assert.Throws<AmqpCodecException>(() => composite.Rewrite(list.ToBytes(), out _));

                Assert.Equal(ErrorCondition.InvalidField, error.Error!.Condition);
                Assert.Contains($"{name}.{composite.Fields[i].Name}", error.Message, StringComparison.Ordinal);
            }
        }
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void Read_FieldOfTheWrongType_IsDecodeErrorNamingIt(string name)
    {
        CompositeCase composite = CompositeCase.Of(name);
        for (int i = 0; i < composite.Fields.Count; i++)
        {
            EncodedList list = EncodedList.Parse(composite.Random(new Random(i), out _));
            list.Set(i, WrongType);

            AmqpCodecException error = Assert.Throws<AmqpCodecException>(() => composite.Rewrite(list.ToBytes(), out _));

            Assert.Equal(ErrorCondition.DecodeError, error.Error!.Condition);
            Assert.Contains($"{name}.{composite.Fields[i].Name}", error.Message, StringComparison.Ordinal);
        }
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void Read_AnotherDescriptor_IsDecodeError(string name)
    {
        CompositeCase composite = CompositeCase.Of(name);
        EncodedList list = EncodedList.Parse(composite.Random(new Random(1), out _));
        list.Descriptor = new Descriptor("evil:\n:list");

        AmqpCodecException error = Assert.Throws<AmqpCodecException>(() => composite.Rewrite(list.ToBytes(), out _));

        Assert.Equal(ErrorCondition.DecodeError, error.Error!.Condition);
        Assert.DoesNotContain('\n', error.Message);
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void Read_AnyTruncation_ThrowsOnlyAmqpCodecException(string name)
    {
        CompositeCase composite = CompositeCase.Of(name);

        Gen.Int.Sample(
            seed =>
            {
                byte[] written = composite.Random(new Random(seed), out _);
                for (int length = 0; length < written.Length; length++)
                    Assert.Throws<AmqpCodecException>(() => composite.Rewrite(written.AsSpan(0, length), out _));
            },
            iter: 10);
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void Read_AnyChangedByte_GivesFieldsOrAmqpCodecException(string name)
    {
        CompositeCase composite = CompositeCase.Of(name);

        Gen.Int.Sample(seed =>
        {
            Random random = new(seed);
            byte[] written = composite.Random(random, out _);
            written[random.Next(written.Length)] = (byte)random.Next(256);

            Exception? exception = Record.Exception(() => composite.Read(written));

            Assert.True(exception is null or AmqpCodecException, exception?.ToString());
        });
    }
}

using Messaging.Amqp.Framing;

namespace Messaging.Amqp.Tests.Framing;

/// <summary>What single fields accept and refuse.</summary>
public sealed class FieldReaderTests
{
    [Fact]
    public void Read_OpenWithOneField_LeavesTheOthersNull()
    {
        Open open = Read<Open>(w => w.WriteString("c"));

        Assert.Equal("c", open.ContainerId);
        Assert.Null(open.Hostname);
        Assert.Null(open.MaxFrameSize);
        Assert.Null(open.ChannelMax);
        Assert.Null(open.IdleTimeOut);
        Assert.Null(open.OfferedCapabilities);
        Assert.Null(open.Properties);
    }

    [Fact]
    public void Read_MultipleField_AcceptsOneSymbolAndArray()
    {
        SaslMechanisms single = Read<SaslMechanisms>(w => w.WriteSymbol("PLAIN"));
        SaslMechanisms several = Read<SaslMechanisms>(w => w.WriteSymbols(["PLAIN", "ANONYMOUS"]));
        SaslMechanisms none = Read<SaslMechanisms>(w => w.WriteSymbols([]));

        Assert.Equal<Symbol>(["PLAIN"], single.Mechanisms);
        Assert.Equal<Symbol>(["PLAIN", "ANONYMOUS"], several.Mechanisms);
        Assert.Empty(none.Mechanisms);
    }

    [Theory]
    [InlineData(3)]
    [InlineData(255)]
    public void Read_SenderSettleModeOutOfRange_IsDecodeError(byte mode) => AssertDecodeError<Attach>("attach.snd-settle-mode", w =>
    {
        w.WriteString("l");
        w.WriteUInt(0);
        w.WriteBoolean(true);
        w.WriteUByte(mode);
    });

    [Fact]
    public void Read_ReceiverSettleModeOutOfRange_IsDecodeError() => AssertDecodeError<Attach>("attach.rcv-settle-mode", w =>
    {
        w.WriteString("l");
        w.WriteUInt(0);
        w.WriteBoolean(true);
        w.WriteNull();
        w.WriteUByte(2);
    });

    [Fact]
    public void Read_DurabilityOutOfRange_IsDecodeError() => AssertDecodeError<TargetFields>("target.durable", w =>
    {
        w.WriteNull();
        w.WriteUInt(3);
    });

    [Fact]
    public void Read_UnknownExpiryPolicy_IsDecodeErrorWithTheTextEscaped()
    {
        AmqpCodecException error = AssertDecodeError<SourceFields>("source.expiry-policy", w =>
        {
            w.WriteNull();
            w.WriteNull();
            w.WriteSymbol("a\nb" + new string('x', 5000));
        });

        Assert.Contains("a\\u000ab", error.Message, StringComparison.Ordinal);
        Assert.InRange(error.Message.Length, 0, 1300);
    }

    [Fact]
    public void Read_TagOf33Bytes_IsInvalidField()
    {
        AmqpCodecException error = Assert.Throws<AmqpCodecException>(() => CompositeCase.Of("transfer").Rewrite(
            Encode<Transfer>(w =>
            {
                w.WriteUInt(0);
                w.WriteUInt(0);
                w.WriteBinary(new byte[33]);
            }),
            out _));

        Assert.Equal(ErrorCondition.InvalidField, error.Error!.Condition);
        Assert.Contains("transfer.delivery-tag", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Read_UnknownTerminus_IsDecodeErrorThatSaysSo()
    {
        AmqpCodecException error = AssertDecodeError<Attach>("attach.source", w =>
        {
            w.WriteString("l");
            w.WriteUInt(0);
            w.WriteBoolean(true);
            w.WriteNull();
            w.WriteNull();
            w.WriteDescriptor("com.example:terminus:list");
            w.EndList(w.BeginList(), 0);
        });

        Assert.Contains("com.example:terminus:list", error.Message, StringComparison.Ordinal);
        Assert.Contains("not a type of source that is implemented", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Read_UnknownDeliveryState_IsDecodeError() => AssertDecodeError<Disposition>("disposition.state", w =>
    {
        w.WriteBoolean(true);
        w.WriteUInt(0);
        w.WriteNull();
        w.WriteBoolean(true);
        w.WriteDescriptor(0x99);
        w.EndList(w.BeginList(), 0);
    });

    [Fact]
    public void Read_TransactionalStateInsideItself_IsDecodeError() => AssertDecodeError<TransactionalStateFields>("transactional-state.outcome", w =>
    {
        w.WriteBinary([1]);
        DeliveryStates.Write(w, new TransactionalState(new byte[] { 2 }));
    });

    [Fact]
    public void Read_OutcomeWithSymbolicDescriptor_GivesTheSingleton()
    {
        Disposition disposition = Read<Disposition>(w =>
        {
            w.WriteBoolean(true);
            w.WriteUInt(0);
            w.WriteNull();
            w.WriteNull();
            w.WriteDescriptor("amqp:accepted:list");
            w.EndList(w.BeginList(), 0);
        });

        Assert.Same(Accepted.Instance, disposition.State);
    }

    [Fact]
    public void Read_FieldsBeyondTheEndOfTheList_IsDecodeError()
    {
        // A list8 of size 2 and count 1, whose one string is longer than the list.
        byte[] encoded = [FormatCode.Described, FormatCode.SmallULong, 0x10, FormatCode.List8, 2, 1, FormatCode.String8, 2, (byte)'a', (byte)'b'];

        AmqpCodecException error = Assert.Throws<AmqpCodecException>(() => CompositeCase.Of("open").Rewrite(encoded, out _));

        Assert.Equal(ErrorCondition.DecodeError, error.Error!.Condition);
    }

    [Fact]
    public void Read_FilterWithUnknownDescriptor_IsKept()
    {
        Source source = new()
        {
            Address = "q",
            Filter = new Dictionary<Symbol, object?> { ["f"] = new Described((Symbol)"com.example:filter", "x > 1"), ["g"] = new Described(0x1234UL, 7) },
        };
        using AmqpWriter writer = new();
        Composite.Write(writer, source.Fields);

        AmqpReader reader = new(writer.WrittenSpan);
        Source read = new(Composite.Read<SourceFields>(ref reader));

        Assert.Equal(new Described((Symbol)"com.example:filter", "x > 1"), read.Filter!["f"]);
        Assert.Equal(new Described(0x1234UL, 7), read.Filter["g"]);
    }

    [Fact]
    public void Write_MandatoryFieldNull_ThrowsAndLeavesTheBufferAsItWas()
    {
        using AmqpWriter writer = new();

        InvalidOperationException error = Assert.Throws<InvalidOperationException>(() => FrameWriter.Write(writer, FrameHeader.AmqpType, 0, default(Open)));

        Assert.Contains("container-id", error.Message, StringComparison.Ordinal);
        Assert.Equal(0, writer.Length);
    }

    private static AmqpCodecException AssertDecodeError<T>(string place, Action<AmqpWriter> fields)
        where T : struct, IComposite
    {
        byte[] encoded = Encode<T>(fields);

        AmqpCodecException error = Assert.Throws<AmqpCodecException>(() => ReadBytes<T>(encoded));

        Assert.Equal(ErrorCondition.DecodeError, error.Error!.Condition);
        Assert.Contains(place, error.Message, StringComparison.Ordinal);
        return error;
    }

    private static T Read<T>(Action<AmqpWriter> fields)
        where T : struct, IComposite => ReadBytes<T>(Encode<T>(fields));

    private static T ReadBytes<T>(byte[] encoded)
        where T : struct, IComposite
    {
        AmqpReader reader = new(encoded);
        return Composite.Read<T>(ref reader);
    }

    // The number of fields is counted, so that the tests need not say it.
    private static byte[] Encode<T>(Action<AmqpWriter> fields)
        where T : struct, IComposite, allows ref struct
    {
        using AmqpWriter content = new();
        fields(content);
        int count = 0;
        for (AmqpReader reader = new(content.WrittenSpan); !reader.End; count++)
            reader.Skip();

        using AmqpWriter writer = new();
        writer.WriteDescriptor(T.Code);
        CompoundScope list = writer.BeginList();
        writer.WriteRaw(content.WrittenSpan);
        writer.EndList(list, count);
        return writer.WrittenSpan.ToArray();
    }
}

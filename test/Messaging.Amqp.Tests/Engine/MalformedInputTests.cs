using System.Diagnostics;
using Messaging.Amqp.Engine;
using Messaging.Amqp.Framing;

namespace Messaging.Amqp.Tests.Engine;

/// <summary>Frames that are wrong in themselves: the bad-input table, stages "amqp" and "open".</summary>
public class MalformedInputTests
{
    private const int Budget = 1 << 20;

    public static IEnumerable<TheoryDataRow<byte[]>> BadFrameHeaders =>
    [
        new([0, 0, 0, 0, 2, 0, 0, 0]) { Label = "size 0" },
        new([0, 0, 0, 7, 2, 0, 0, 0]) { Label = "size 7" },
        new([0, 0, 0, 8, 1, 0, 0, 0]) { Label = "doff 1" },
        new([0, 0, 0, 12, 4, 0, 0, 0, 0, 0, 0, 0]) { Label = "doff beyond the frame" },
        new([0, 0, 0, 8, 2, 2, 0, 0]) { Label = "unknown type 2" },
        new([0, 0, 0, 8, 2, 1, 0, 0]) { Label = "SASL type after SASL" },
        new([0, 1, 0x86, 0xa0, 2, 0, 0, 0]) { Label = "larger than the limit" },
        new([0xff, 0xff, 0xff, 0xff, 2, 0, 0, 0]) { Label = "2^32-1 bytes" },
    ];

    public static IEnumerable<TheoryDataRow<byte[]>> BadBodies =>
    [
        new([0x40]) { Label = "not a described value" },
        new([0x00, 0x53, 0x30, 0x45]) { Label = "no performative" },
        new([0x00, 0xa3, 3, (byte)'f', (byte)'o', (byte)'o', 0x45]) { Label = "unknown symbolic descriptor" },
        new([0x00, 0x53, 0x10, 0xc0, 3, 9, 0xa1, 0]) { Label = "list count larger than content" },
        new([0x00, 0x53, 0x10, 0xd0, 0, 0, 0, 5, 0x80, 0, 0, 0, 0x40]) { Label = "list32 count 2^31" },
        new([0x00, 0x53, 0x10, 0xd0, 0x7f, 0xff, 0xff, 0xff, 0, 0, 0, 1, 0x40]) { Label = "list32 size beyond the frame" },
        new(OpenWithProperties(0xd1, 0, 0, 0, 5, 0x80, 0, 0, 0, 0x40)) { Label = "map32 count 2^31" },
        new(OpenWithProperties(0xd1, 0, 0, 0, 18, 0, 0, 0, 2, 0xa3, 1, (byte)'k', 0xf0, 0, 0, 0, 5, 0x7f, 0xff, 0xff, 0xff, 0x40)) { Label = "array32 of 2^31 nulls" },
        new(OpenWithProperties(0xd1, 0, 0, 0, 18, 0, 0, 0, 2, 0xa3, 1, (byte)'k', 0xf0, 0, 0, 0, 5, 0, 0, 1, 0, 0x70)) { Label = "array32 count larger than content" },
        new([0x00, 0x53, 0x10, 0xc0, 6, 1, 0xb1, 0xff, 0xff, 0xff, 0xff]) { Label = "str32 length 2^32-1" },
        new(OpenWithProperties(0xd1, 0, 0, 0, 12, 0, 0, 0, 2, 0xa3, 1, (byte)'k', 0xb0, 0x7f, 0xff, 0xff, 0xff)) { Label = "bin32 length 2^31-1" },
        new([0x00, 0x53, 0x10]) { Label = "empty body after the descriptor" },
        new([0x00]) { Label = "nothing after the descriptor byte" },
    ];

    [Theory]
    [MemberData(nameof(BadFrameHeaders))]
    public void Amqp_BadFrameHeader_ClosesFramingError(byte[] bytes)
    {
        Script script = Script.Amqp();

        script.Raw(bytes);

        script.AssertClosed(ErrorCondition.FramingError);
    }

    [Theory]
    [MemberData(nameof(BadFrameHeaders))]
    public void Client_BadFrameHeader_ClosesFramingError(byte[] bytes)
    {
        Script script = Script.Client();

        script.Raw(bytes);

        script.AssertClosed(ErrorCondition.FramingError);
    }

    [Theory]
    [MemberData(nameof(BadBodies))]
    public void Amqp_BadBody_ClosesDecodeErrorCheaply(byte[] body)
    {
        Script script = Script.Amqp();
        long before = GC.GetAllocatedBytesForCurrentThread();
        long start = Stopwatch.GetTimestamp();

        script.RawFrame(0, body);

        Assert.True(GC.GetAllocatedBytesForCurrentThread() - before < Budget);
        Assert.True(Stopwatch.GetElapsedTime(start) < TimeSpan.FromSeconds(5)); // the table says 50 ms; the box may be busy
        script.AssertClosed(ErrorCondition.DecodeError);
    }

    [Fact]
    public void Amqp_FiveThousandNestedLists_ClosesDecodeError()
    {
        Script script = Script.Amqp();
        List<byte> value = [0x45];
        for (int depth = 0; depth < 1_000; depth++)
        {
            int size = value.Count + 4;
            value.InsertRange(0, [0xd0, (byte)(size >> 24), (byte)(size >> 16), (byte)(size >> 8), (byte)size, 0, 0, 0, 1]);
            if (value.Count > 7_500)
            {
                break; // what a frame before the open can hold
            }
        }

        int mapSize = value.Count + 4 + 3;
        script.RawFrame(0, OpenWithProperties([0xd1, 0, 0, (byte)(mapSize >> 8), (byte)mapSize, 0, 0, 0, 2, 0xa3, 1, (byte)'k', .. value]));

        script.AssertClosed(ErrorCondition.DecodeError);
    }

    [Fact]
    public void Amqp_OpenWithoutContainerId_ClosesInvalidField()
    {
        Script script = Script.Amqp();

        script.RawFrame(0, [0x00, 0x53, 0x10, 0x45]);

        script.AssertClosed(ErrorCondition.InvalidField);
    }

    [Fact]
    public void Amqp_OpenWithElevenFields_IgnoresTheLast()
    {
        Script script = Script.Amqp();

        script.RawFrame(0, [0x00, 0x53, 0x10, 0xc0, 14, 11, 0xa1, 1, (byte)'c', 0x40, 0x40, 0x40, 0x40, 0x40, 0x40, 0x40, 0x40, 0x40, 0x41]);

        Assert.True(script.Engine.IsOpen);
    }

    [Fact]
    public void Amqp_SymbolicDescriptors_AreAsGood()
    {
        Script script = Script.Amqp();

        script.RawFrame(0, [0x00, 0xa3, 14, .. "amqp:open:list"u8, 0xc0, 4, 1, 0xa1, 1, (byte)'c']);
        script.RawFrame(0, [0x00, 0xa3, 15, .. "amqp:begin:list"u8, 0xc0, 7, 4, 0x40, 0x43, 0x52, 10, 0x52, 10]);

        Assert.True(script.Events.Sessions[0].IsBegun);
    }

    [Fact]
    public void Open_FrameOfOneMebibyte_ClosesFramingErrorByTheHeaderAlone()
    {
        Script script = Script.Opened();

        script.Raw(0, 0x10, 0, 0, 2, 0, 0, 0);

        script.AssertClosed(ErrorCondition.FramingError);
    }

    [Fact]
    public void Open_EmptyFrameOnAnyChannel_IsIgnored()
    {
        Script script = Script.Opened();

        script.RawFrame(7, []).RawFrame(60_000, []);

        Assert.True(script.Engine.IsOpen);
        Assert.Empty(script.Written());
    }

    [Fact]
    public void Amqp_TruncatedFrameThenEnd_FailsAsForced()
    {
        Script script = Script.Opened();

        script.Raw(0, 0, 0, 100, 2, 0, 0, 0, 0, 0x53);
        script.Engine.EndOfInput();

        Assert.True(script.Events.Failed(ErrorCondition.ConnectionForced));
    }

    [Fact]
    public void InSession_BooleanThatIsNeither_ClosesDecodeError()
    {
        Script script = Script.InSession();

        script.RawFrame(0, [0x00, 0x53, 0x12, 0xc0, 7, 3, 0xa1, 1, (byte)'n', 0x43, 0x56, 7]);

        script.AssertClosed(ErrorCondition.DecodeError);
    }

    [Fact]
    public void InSession_UnknownDeliveryState_ClosesDecodeError()
    {
        Script script = Script.WithReceiver(credit: 1);

        script.RawFrame(0, [0x00, 0x53, 0x15, 0xc0, 9, 5, 0x41, 0x43, 0x40, 0x41, 0x00, 0x53, 0x77, 0x45]);

        script.AssertClosed(ErrorCondition.DecodeError);
    }

    [Fact]
    public void Closed_AnyInput_IsDiscarded()
    {
        Script script = Script.Opened();
        script.Raw(0, 0, 0, 0, 2, 0, 0, 0).Forget();

        script.Begin(0).Raw(1, 2, 3).Send(0, default(Close));

        Assert.Empty(script.Events.Log);
        Assert.Empty(script.Written());
    }

    private static byte[] OpenWithProperties(params byte[] properties)
    {
        byte[] fields = [0xa1, 1, (byte)'c', 0x40, 0x40, 0x40, 0x40, 0x40, 0x40, 0x40, 0x40, .. properties];
        int size = fields.Length + 4;
        return [0x00, 0x53, 0x10, 0xd0, 0, 0, (byte)(size >> 8), (byte)size, 0, 0, 0, 10, .. fields];
    }
}

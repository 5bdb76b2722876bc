using System.Buffers;
using CsCheck;
using Messaging.Transport;

namespace Messaging.Tests.Transport;

public sealed class ReadBufferTests
{
    [Fact]
    public void GetRoom_FilledAgainAndAgain_GrowsToTheMaximum()
    {
        var buffer = new ReadBuffer(64 * 1024);

        int[] sizes = new int[5];
        for (int i = 0; i < sizes.Length; i++)
        {
            sizes[i] = buffer.GetRoom().Length;
            buffer.Commit(sizes[i]);
            Consume(ref buffer, sizes[i]);
        }

        Assert.Equal([4096, 16_384, 65_536, 65_536, 65_536], sizes);
        buffer.Return();
    }

    [Fact]
    public void GetRoom_OneLargeFrame_HoldsItAndShrinksAfterwards()
    {
        var buffer = new ReadBuffer(4096);
        const int Frame = 1_000_000;

        int received = 0;
        while (received < Frame)
        {
            int count = Math.Min(buffer.GetRoom().Length, Frame - received);
            Assert.True(count > 0);
            buffer.Commit(count);
            received += count;
            Consume(ref buffer, 0);
        }

        bool isOneSpan = buffer.Content.IsSingleSegment && buffer.Content.Length == Frame;
        Consume(ref buffer, Frame);

        Assert.True(isOneSpan);
        Assert.Equal(4096, buffer.GetRoom().Length);
        buffer.Return();
    }

    [Theory]
    [InlineData(11, 11)]
    [InlineData(3, 2)]
    [InlineData(-1, 5)]
    public void Advance_OutsideTheRead_Throws(int consumed, int examined)
    {
        var buffer = new ReadBuffer(4096);
        buffer.GetRoom();
        buffer.Commit(10);

        bool refused = false;
        try
        {
            buffer.Advance(new SequencePosition(null, consumed & int.MaxValue), new SequencePosition(null, examined));
        }
        catch (ArgumentOutOfRangeException)
        {
            refused = true;
        }

        Assert.True(refused);
        buffer.Return();
    }

    /// <summary>Against a plain list of bytes, under any mix of receiving and consuming.</summary>
    [Fact]
    public void Content_AnyReceivesAndAdvances_IsWhatWasReceivedAndNotConsumed() =>
        Gen.Select(Gen.Double[0, 1], Gen.Double[0, 1], Gen.Double[0, 1]).Array[1, 60].Sample(steps =>
        {
            var buffer = new ReadBuffer(16 * 1024);
            var model = new List<byte>();
            byte next = 0;
            foreach ((double fill, double consume, double examine) in steps)
            {
                Span<byte> room = buffer.GetRoom().Span;
                int count = 1 + (int)((room.Length - 1) * fill);
                for (int i = 0; i < count; i++) model.Add(room[i] = next++);
                buffer.Commit(count);

                ReadOnlySequence<byte> content = buffer.Content;
                Assert.True(content.IsSingleSegment);
                Assert.True(content.FirstSpan.SequenceEqual(System.Runtime.InteropServices.CollectionsMarshal.AsSpan(model)));

                // The buffer doubles while nothing is consumed; the engine never leaves more than a frame.
                int consumed = content.Length > 1 << 20 ? (int)content.Length : (int)(content.Length * consume);
                int examined = consumed + (int)((content.Length - consumed) * examine);
                buffer.Advance(content.GetPosition(consumed), content.GetPosition(examined));
                model.RemoveRange(0, consumed);
                Assert.Equal(examined < content.Length, buffer.HasUnexamined);
            }

            buffer.Return();
        }, iter: 300);

    private static void Consume(ref ReadBuffer buffer, int count)
    {
        ReadOnlySequence<byte> content = buffer.Content;
        buffer.Advance(content.GetPosition(count), content.End);
    }
}

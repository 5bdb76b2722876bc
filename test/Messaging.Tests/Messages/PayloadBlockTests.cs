using System.Buffers;

namespace Messaging.Tests.Messages;

/// <remarks>Alone, since blocks are shared by the whole process: another test could get the one that was just given back.</remarks>
[CollectionDefinition(nameof(PayloadBlockTests), DisableParallelization = true)]
[Collection(nameof(PayloadBlockTests))]
public sealed class PayloadBlockTests
{
    private static ReadOnlySequence<byte> Frame(int length, byte value) => new(Enumerable.Repeat(value, length).ToArray());

    [Fact]
    public void TryAppend_SeveralFrames_GrowsAndKeepsThem()
    {
        PayloadBlock block = PayloadBlock.Rent(10);
        for (byte i = 0; i < 100; i++)
            Assert.True(block.TryAppend(Frame(i, i), 1_000_000));

        byte[] payload = block.Span.ToArray();
        block.Return();

        Assert.Equal(Enumerable.Range(0, 100).SelectMany(i => Enumerable.Repeat((byte)i, i)), payload);
    }

    [Fact]
    public void TryAppend_BeyondTheLimit_AppendsNothing()
    {
        PayloadBlock block = PayloadBlock.Rent(10);

        Assert.True(block.TryAppend(Frame(60, 1), 100));
        Assert.False(block.TryAppend(Frame(41, 2), 100));
        Assert.True(block.TryAppend(Frame(40, 3), 100));
        Assert.Equal(100, block.Length);
        block.Return();
    }

    [Fact]
    public void Return_Twice_Throws()
    {
        PayloadBlock block = PayloadBlock.Rent(10);
        block.Return();

        Assert.Throws<InvalidOperationException>(block.Return);
        Assert.Throws<InvalidOperationException>(() => block.Array.Length);
        Assert.Throws<InvalidOperationException>(block.Detach);
    }

    [Fact]
    public void Return_Block_PoolsTheArray()
    {
        PayloadBlock block = PayloadBlock.Rent(1000);
        byte[] array = block.Array;

        block.Return();

        Assert.True(Wire.IsPooled(array));
    }

    [Fact]
    public void Detach_Block_LeavesTheArray()
    {
        PayloadBlock block = PayloadBlock.Rent(1000);
        byte[] array = block.Array;

        Assert.Same(array, block.Detach());
        Assert.False(Wire.IsPooled(array));
    }

    [Fact]
    public void Rent_ReusedBlock_IsEmpty()
    {
        for (int i = 0; i < 10; i++)
        {
            PayloadBlock block = PayloadBlock.Rent(0);
            Assert.Equal(0, block.Length);
            Assert.True(block.TryAppend(Frame(5, 1), 5));
            block.Return();
        }
    }
}

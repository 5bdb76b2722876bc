using Messaging.Amqp.Engine;

namespace Messaging.Amqp.Tests.Engine;

/// <summary>Channel and handle numbers.</summary>
public sealed class SlotTableTests
{
    [Fact]
    public void TryAllocate_JustGivenBack_TakesAnotherOne()
    {
        var table = new SlotTable<object>();
        Assert.True(table.TryAllocate(255, new object(), out uint first));
        table.Clear(first);

        Assert.True(table.TryAllocate(255, new object(), out uint second));

        Assert.NotEqual(first, second);
    }

    [Fact]
    public void TryAllocate_OnlyOneAllowed_TakesItAgain()
    {
        var table = new SlotTable<object>();
        Assert.True(table.TryAllocate(0, new object(), out _));
        Assert.False(table.TryAllocate(0, new object(), out _));
        table.Clear(0);

        Assert.True(table.TryAllocate(0, new object(), out uint index));

        Assert.Equal(0u, index);
    }

    [Fact]
    public void TryAllocate_UpToTheMaximum_TakesEachOnce()
    {
        var table = new SlotTable<object>();

        uint[] taken = [.. Enumerable.Range(0, 300).Select(_ => table.TryAllocate(299, new object(), out uint index) ? index : uint.MaxValue)];

        Assert.Equal(Enumerable.Range(0, 300).Select(i => (uint)i), taken.Order());
        Assert.False(table.TryAllocate(299, new object(), out _));
    }

    [Fact]
    public void TryAllocate_ManyTakenAndGivenBack_StaysSmall()
    {
        var table = new SlotTable<object>();

        for (int i = 0; i < 10_000; i++)
        {
            Assert.True(table.TryAllocate(65_535, new object(), out uint index));
            table.Clear(index);
        }

        Assert.InRange(table.Slots.Length, 1, 8);
    }
}

using Messaging.Broker.Links;
using Microsoft.Extensions.Logging.Abstractions;

namespace Messaging.Broker.Tests;

/// <summary>Who has the state of a link when several connections bring that link one after the other, as happens when they die quickly.</summary>
public sealed class LinkStatesTests
{
    private static readonly LinkKey Key = new(Identity: null, "container", "link", LinkRole.Receiver);
    private static readonly TimeSpan Kept = TimeSpan.FromMinutes(1);

    [Fact]
    public async Task Take_HeldByAnother_StealsItAndWaitsForItsEnd()
    {
        using LinkStates states = NewStates();
        LinkLease first = await TakeAsync(states);

        Task<(LinkLease? Lease, bool IsNewest)> second = states.TakeAsync(Key, Kept, BrokerFixture.Token).AsTask();

        Assert.True(first.IsStolen);
        Assert.False(second.IsCompleted);
        first.Release(reason: null);
        Assert.Same(first.State, (await second.Bounded()).Lease!.State);
    }

    [Fact]
    public async Task Take_TwoWaitForIt_TheLaterOneGetsItAndKeepsIt()
    {
        using LinkStates states = NewStates();
        LinkLease first = await TakeAsync(states);
        Task<(LinkLease? Lease, bool IsNewest)> second = states.TakeAsync(Key, Kept, BrokerFixture.Token).AsTask();
        Task<(LinkLease? Lease, bool IsNewest)> third = states.TakeAsync(Key, Kept, BrokerFixture.Token).AsTask();

        first.Release(reason: null);

        Assert.Equal((null, false), await second.Bounded());
        (LinkLease? lease, bool isNewest) = await third.Bounded();
        Assert.True(isNewest);
        Assert.False(lease!.IsStolen);
    }

    [Fact]
    public async Task Take_AfterAnEndInOrder_BeginsAnew()
    {
        using LinkStates states = NewStates();
        LinkLease first = await TakeAsync(states);
        first.Release(new CloseReason(CloseInitiator.Remote) { IsClosedByPeer = true });

        LinkLease second = await TakeAsync(states);

        Assert.NotSame(first.State, second.State);
        Assert.True(second.State.IsNew);
    }

    private static LinkStates NewStates() => new(new BrokerOptions(), NullLogger.Instance);

    private static async Task<LinkLease> TakeAsync(LinkStates states) =>
        (await states.TakeAsync(Key, Kept, BrokerFixture.Token).AsTask().Bounded()).Lease!;
}

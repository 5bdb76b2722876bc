using Messaging.Client;

namespace Messaging.Tests.Recovery;

/// <summary>The ledger of <see cref="ReceiverOptions.MaxUnsettled"/> over the loss of a link.</summary>
public class UnsettledCountTests
{
    [Fact]
    public void Add_DeliveryOfALostAttachment_ChangesNothing()
    {
        var count = new UnsettledCount();
        count.Add(attachment: 0, 1);
        count.Add(attachment: 0, 1);
        Assert.Equal(2, count.Value);

        count.Reset(attachment: 1);
        count.Add(attachment: 0, 1); // taken while the link was being lost
        count.Add(attachment: 0, -1); // settled after it

        Assert.Equal(0, count.Value);
        count.Add(attachment: 1, 1);
        Assert.Equal(1, count.Value);
        count.Add(attachment: 1, -1);
        Assert.Equal(0, count.Value);
    }
}

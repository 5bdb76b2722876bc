namespace Messaging.Amqp.Tests.Framing;

public sealed class TerminusTests
{
    [Fact]
    public void Source_New_HasTheDefaultsOfTheSpecification()
    {
        Source source = new();

        Assert.Null(source.Address);
        Assert.Equal(TerminusDurability.None, source.Durability);
        Assert.Equal(TerminusExpiryPolicy.SessionEnd, source.ExpiryPolicy);
        Assert.Equal(0u, source.Timeout);
        Assert.False(source.Dynamic);
        Assert.Empty(source.Capabilities);
        Assert.Empty(source.Outcomes);
        Assert.Null(source.Filter);
    }

    [Fact]
    public void With_OneProperty_LeavesTheOriginalAsItWas()
    {
        Target target = new() { Address = "a", Capabilities = ["queue"] };

        Target changed = target with { Address = "b" };

        Assert.Equal("a", target.Address);
        Assert.Equal("b", changed.Address);
        Assert.Equal<Symbol>(["queue"], changed.Capabilities);
    }

    [Fact]
    public void Capabilities_ListChangedLater_AreACopy()
    {
        List<Symbol> capabilities = ["queue"];
        Target target = new() { Capabilities = capabilities };

        capabilities.Add("topic");

        Assert.Equal<Symbol>(["queue"], target.Capabilities);
    }

    [Fact]
    public void Durability_OutOfRange_Throws() =>
        Assert.Throws<ArgumentOutOfRangeException>(() => new Target { Durability = (TerminusDurability)3 });

    [Fact]
    public void ExpiryPolicy_OutOfRange_Throws() =>
        Assert.Throws<ArgumentOutOfRangeException>(() => new Target { ExpiryPolicy = (TerminusExpiryPolicy)4 });

    [Fact]
    public void Equals_SameValues_IsTrue() =>
        Assert.Equal(new Source { Address = "a", Timeout = 1 }, new Source { Address = "a", Timeout = 1 });

    [Fact]
    public void Equals_TransactionIds_ComparesTheBytes()
    {
        Assert.Equal(new Declared(new byte[] { 1, 2 }), new Declared(new byte[] { 1, 2 }));
        Assert.NotEqual(new Declared(new byte[] { 1, 2 }), new Declared(new byte[] { 1, 3 }));
        Assert.Equal(new TransactionalState(new byte[] { 1 }, Accepted.Instance), new TransactionalState(new byte[] { 1 }, Accepted.Instance));
        Assert.NotEqual(new TransactionalState(new byte[] { 1 }, Accepted.Instance), new TransactionalState(new byte[] { 1 }));
    }
}

using Messaging.Amqp;
using Messaging.Tests.Support;

namespace Messaging.Tests.Client;

/// <summary>What AMQP cannot express throws at the call that brings it: everybody else's links live on.</summary>
public sealed class UnencodableTests
{
    private const string LoneSurrogate = "half a \ud83d";

    public static TheoryData<string> Errors => ["description", "info value", "info depth"];

    [Theory]
    [MemberData(nameof(Errors))]
    public async Task Reject_ErrorThatCannotBeWritten_ThrowsAndTheConnectionLives(string what)
    {
        await using TestPair pair = await TestPair.OpenAsync();
        (ISender sender, IReceiver receiver) = await pair.SendingLinkAsync();
        Task sending = sender.SendAsync(new Message("x"), BoundedWaits.Stop).AsTask();
        IDelivery delivery = await receiver.ReceiveAsync(BoundedWaits.Stop).Bounded();

        await BoundedWaits.Run(() => delivery.RejectAsync(Error(what), BoundedWaits.Stop).AsTask()).ThrowsAny<ArgumentException>();
        await delivery.AcceptAsync(BoundedWaits.Stop).Bounded();

        await sending.Bounded();
    }

    [Theory]
    [MemberData(nameof(Errors))]
    public async Task Close_ErrorThatCannotBeWritten_ThrowsAndNothingIsClosed(string what)
    {
        await using TestPair pair = await TestPair.OpenAsync();
        (ISender sender, IReceiver receiver) = await pair.SendingLinkAsync();

        await sender.CloseAsync(Error(what), BoundedWaits.Stop).AsTask().ThrowsAny<ArgumentException>();
        await BoundedWaits.Run(() => pair.Connection.CloseAsync(Error(what), BoundedWaits.Stop).AsTask()).ThrowsAny<ArgumentException>();

        ValueTask<IDelivery> receiving = receiver.ReceiveAsync(BoundedWaits.Stop);
        Task sending = sender.SendAsync(new Message("x"), BoundedWaits.Stop).AsTask();
        await (await receiving.Bounded()).AcceptAsync(BoundedWaits.Stop).Bounded();
        await sending.Bounded();
    }

    [Fact]
    public async Task Refuse_ErrorThatCannotBeWritten_ThrowsAndTheLinkMayStillBeDecided()
    {
        await using TestPair pair = await TestPair.OpenAsync();
        ValueTask<ISender> creating = pair.Connection.CreateSenderAsync("q", BoundedWaits.Stop);
        IIncomingLink link = await pair.NextLinkAsync();

        await link.RefuseAsync(Error("description"), BoundedWaits.Stop).AsTask().ThrowsAny<ArgumentException>();
        await link.AcceptReceiverAsync(null, BoundedWaits.Stop).Bounded();

        await creating.Bounded();
    }

    [Fact]
    public async Task CreateLinks_OptionsThatCannotBeWritten_AreNamed()
    {
        await using TestPair pair = await TestPair.OpenAsync();
        var bad = new Dictionary<Symbol, object?> { ["x"] = new object() };
        (SenderOptions Options, string Name)[] senders =
        [
            (new SenderOptions { Properties = bad }, "Properties"),
            (new SenderOptions { Name = LoneSurrogate }, "Name"),
            (new SenderOptions { Target = new Target { DynamicNodeProperties = bad } }, "Target"),
            (new SenderOptions { Source = new Source { Filter = bad } }, "Source"),
        ];
        (ReceiverOptions Options, string Name)[] receivers =
        [
            (new ReceiverOptions { Properties = bad }, "Properties"),
            (new ReceiverOptions { Source = new Source { Filter = bad } }, "Source"),
            (new ReceiverOptions { Source = new Source { Address = LoneSurrogate } }, "Source"),
        ];

        foreach ((SenderOptions options, string name) in senders)
            Assert.Equal(name, (await pair.Connection.CreateSenderAsync(options, BoundedWaits.Stop).Throws<ArgumentException, ISender>()).ParamName);
        foreach ((ReceiverOptions options, string name) in receivers)
            Assert.Equal(name, (await pair.Connection.CreateReceiverAsync(options, BoundedWaits.Stop).Throws<ArgumentException, IReceiver>()).ParamName);
        Assert.Equal(ConnectionState.Connected, pair.Connection.State);
    }

    [Fact]
    public async Task AcceptLink_OptionsThatCannotBeWritten_AreNamedAndTheLinkMayStillBeAccepted()
    {
        await using TestPair pair = await TestPair.OpenAsync();
        ValueTask<IReceiver> creating = pair.Connection.CreateReceiverAsync("q", BoundedWaits.Stop);
        IIncomingLink link = await pair.NextLinkAsync();

        ArgumentException exception = await link.AcceptSenderAsync(new IncomingSenderOptions { Properties = new Dictionary<Symbol, object?> { ["x"] = new object() } }, BoundedWaits.Stop).Throws<ArgumentException, ISender>();
        Assert.Equal("Properties", exception.ParamName);
        await link.AcceptSenderAsync(null, BoundedWaits.Stop).Bounded();

        await creating.Bounded();
    }

    [Fact]
    public async Task Connect_PropertiesThatCannotBeWritten_AreNamed()
    {
        await using var client = new MessagingClient();
        var bad = new Dictionary<Symbol, object?> { ["x"] = LoneSurrogate };

        ArgumentException connecting = await client.ConnectAsync(new ConnectionOptions { Url = TestPair.UniqueUrl(), Properties = bad }, BoundedWaits.Stop).Throws<ArgumentException, IConnection>();
        ArgumentException listening = await client.ListenAsync(new ListenerOptions { Url = TestPair.UniqueUrl(), Properties = bad }, BoundedWaits.Stop).Throws<ArgumentException, IListener>();

        Assert.Equal("Properties", connecting.ParamName);
        Assert.Equal("Properties", listening.ParamName);
    }

    [Fact]
    public async Task AcceptLink_AnswerLargerThanThePeersFrames_ThrowsLinkExceptionAndThePeerIsRefused()
    {
        await using TestPair pair = await TestPair.OpenAsync(new ConnectionOptions { MaxFrameSize = 512 });
        Task<IReceiver> creating = pair.Connection.CreateReceiverAsync("q", BoundedWaits.Stop).AsTask();
        IIncomingLink link = await pair.NextLinkAsync();

        LinkException exception = await link.AcceptSenderAsync(new IncomingSenderOptions { Source = new Source { Address = new string('a', 1000) } }, BoundedWaits.Stop).Throws<LinkException, ISender>();

        Assert.Equal(ErrorCondition.FrameSizeTooSmall, exception.Error?.Condition);
        Assert.Contains(link.Name, exception.Message, StringComparison.Ordinal);
        LinkException refused = await creating.Throws<LinkException>();
        Assert.Equal(ErrorCondition.FrameSizeTooSmall, refused.Error?.Condition);
        Assert.Equal(ConnectionState.Connected, pair.Accepted.State);
    }

    [Fact]
    public async Task CreateLink_AttachLargerThanThePeersFrames_ThrowsLinkException()
    {
        await using TestPair pair = await TestPair.OpenAsync(listener: new ListenerOptions { MaxFrameSize = 512 });

        LinkException exception = await pair.Connection.CreateSenderAsync(new string('a', 1000), BoundedWaits.Stop).Throws<LinkException, ISender>();

        Assert.Equal(ErrorCondition.FrameSizeTooSmall, exception.Error?.Condition);
        Assert.Contains(pair.Listener.Url, exception.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task LoopRequest_AnyException_IsTheCallersAndTheConnectionLives()
    {
        await using TestPair pair = await TestPair.OpenAsync();

        await ((Messaging.Client.Connection)pair.Connection).Loop.InvokeAsync(static () => throw new InvalidDataException("a bug")).Throws<InvalidDataException>();

        await TestPair.FenceAsync(pair.Connection);
        Assert.Equal(ConnectionState.Connected, pair.Connection.State);
    }

    private static AmqpError Error(string what)
    {
        if (what == "description")
            return new AmqpError(ErrorCondition.InternalError, LoneSurrogate);
        object? value = LoneSurrogate;
        if (what == "info depth")
            value = null;
        for (int i = 0; what == "info depth" && i < 32; i++) // as deep as a value may be by itself, but not within an error
            value = new object?[] { value };
        return new AmqpError(ErrorCondition.InternalError, Info: new Dictionary<Symbol, object?> { ["x"] = value });
    }
}

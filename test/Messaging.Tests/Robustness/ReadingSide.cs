using Messaging.Tests.Support;

namespace Messaging.Tests.Robustness;

/// <summary>A receiver of the SDK over TCP whose messages a raw peer sends, on a listener or on a client, and another connection of the same process.</summary>
internal sealed class ReadingSide : IAsyncDisposable
{
    public const int Credit = 10;

    private readonly TestPair _pair;
    private readonly RawServer? _server;

    private ReadingSide(TestPair pair, RawServer? server, RawPeer peer, IReceiver receiver) => (_pair, _server, Peer, Receiver) = (pair, server, peer, receiver);

    public RawPeer Peer { get; }

    public IReceiver Receiver { get; }

    public static async Task<ReadingSide> StartAsync(bool isListener)
    {
        TestPair pair = await TestPair.OpenAsync(tcp: true);
        return isListener ? await ListenAsync(pair) : await ConnectAsync(pair);
    }

    /// <summary>The other connection carries a message there, and its acceptance back.</summary>
    public async Task AssertBystanderAsync()
    {
        (ISender sender, IReceiver receiver) = await _pair.SendingLinkAsync();
        Task sending = sender.SendAsync(new Message("still here"), BoundedWaits.Stop).AsTask();
        await foreach (IDelivery delivery in receiver.ReceiveAllAsync(1, BoundedWaits.Stop))
            Assert.Equal("still here", delivery.Message.Body);
        await sending.Bounded();
    }

    public async ValueTask DisposeAsync()
    {
        await Peer.DisposeAsync(); // it would not answer a close
        await Receiver.Connection.DisposeAsync();
        await _pair.DisposeAsync();
        if (_server is not null)
            await _server.DisposeAsync();
    }

    private static async Task<ReadingSide> ListenAsync(TestPair pair)
    {
        RawPeer peer = await RawPeer.ConnectAsync(pair.Listener.Url);
        Task<IIncomingConnection> incoming = pair.NextConnectionAsync();
        Task opening = peer.OpenAsClientAsync();
        IConnection accepted = await (await incoming).AcceptAsync(BoundedWaits.Stop).Bounded();
        await opening.Bounded();
        await peer.BeginAsync();
        await peer.SendAsync(BadInput.Attach("link", 0));
        IIncomingLink link = await accepted.IncomingLinksAsync(BoundedWaits.Stop).FirstAsync(BoundedWaits.Stop).Bounded();
        IReceiver receiver = await link.AcceptReceiverAsync(new IncomingReceiverOptions { CreditWindow = 0, InitialCredit = Credit }, BoundedWaits.Stop).Bounded();
        await peer.ReadUntilAsync<Amqp.Framing.Flow>();
        return new ReadingSide(pair, null, peer, receiver);
    }

    private static async Task<ReadingSide> ConnectAsync(TestPair pair)
    {
        RawServer server = await RawServer.ListenAsync(tcp: true);
        Task<IConnection> connecting = pair.Client.ConnectAsync(new ConnectionOptions { Url = server.Url, Reconnect = false }, BoundedWaits.Stop).AsTask();
        RawPeer peer = await server.AcceptAsync();
        await peer.OpenAsServerAsync();
        IConnection connection = await connecting.Bounded();
        ValueTask<IReceiver> receiving = connection.CreateReceiverAsync("q", new ReceiverOptions { CreditWindow = 0 }, BoundedWaits.Stop);
        await peer.AnswerBeginAsync();
        await peer.AnswerAttachAsync();
        IReceiver receiver = await receiving.Bounded();
        await receiver.AddCreditAsync(Credit, BoundedWaits.Stop).Bounded();
        await peer.ReadUntilAsync<Amqp.Framing.Flow>();
        return new ReadingSide(pair, server, peer, receiver);
    }
}

using Messaging.Amqp.Framing;
using Messaging.Client;
using Messaging.Tests.Support;

namespace Messaging.Tests.Client;

/// <summary>What is nobody's to give back, and what could not be told to the peer any more.</summary>
public sealed class LostSettlementsTests
{
    [Fact]
    public async Task StreamLeft_WhatThePeerHadSettled_IsStillHandedOut()
    {
        await using RawServer server = await RawServer.OpenAsync();
        IReceiver receiver = await server.ReceiverAsync(new ReceiverOptions { CreditWindow = 10 });
        Task<object?> first = FirstOfStreamAsync(receiver);
        await server.Peer.ReadUntilAsync<Flow>();

        await server.Peer.SendTransferAsync(0, RawPeer.Encode(new Message("a")), settled: true);
        await server.Peer.SendTransferAsync(1, RawPeer.Encode(new Message("b")), settled: true);
        await server.Peer.SendTransferAsync(2, RawPeer.Encode(new Message("c")));
        Assert.Equal("a", await first.Bounded());
        Assert.True((await server.Peer.ReadUntilAsync<Flow>()).Drain);
        await server.Peer.SendAsync(new Flow { NextIncomingId = 0, IncomingWindow = 100, NextOutgoingId = 3, OutgoingWindow = 100, Handle = 0, DeliveryCount = 10, LinkCredit = 0, Drain = true });

        Disposition released = await server.Peer.ReadUntilAsync<Disposition>();
        Assert.Equal((2u, typeof(Messaging.Amqp.Released)), (released.First, released.State?.GetType()));
        Assert.True(receiver.TryReceive(out IDelivery? second));
        Assert.Equal("b", second.Message.Body);
        Assert.False(receiver.TryReceive(out _));
    }

    [Fact]
    public async Task SessionEnds_WithSettlementsThatWereNotSent_IsLogged()
    {
        using var log = new LogCapture();
        await using RawServer server = await RawServer.OpenAsync(options: new MessagingClientOptions { LoggerFactory = log });
        IReceiver receiver = await server.ReceiverAsync(new ReceiverOptions { CreditWindow = 10 });
        ValueTask<IDelivery> receiving = receiver.ReceiveAsync(BoundedWaits.Stop);
        await server.Peer.ReadUntilAsync<Flow>();
        await server.Peer.SendTransferAsync(0, RawPeer.Encode(new Message("a")));
        IDelivery delivery = await receiving.Bounded();
        var connection = (Connection)server.Connection;

        await connection.Loop.InvokeAsync(() =>
        {
            _ = delivery.AcceptAsync(BoundedWaits.Stop).AsTask();
            connection.Sessions.Single().End(new CloseReason(CloseInitiator.Local));
        }).Bounded();

        await receiver.Closed.Bounded();
        Assert.Contains("1", Assert.Single(log.Lines, line => line.Id == 3005).Text, StringComparison.Ordinal);
    }

    private static async Task<object?> FirstOfStreamAsync(IReceiver receiver)
    {
        await foreach (IDelivery delivery in receiver.ReceiveAllAsync(BoundedWaits.Stop))
            return delivery.Message.Body;
        return null;
    }
}

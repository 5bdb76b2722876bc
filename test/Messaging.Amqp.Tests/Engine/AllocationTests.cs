using System.Buffers;
using Messaging.Amqp.Engine;
using Messaging.Amqp.Framing;

namespace Messaging.Amqp.Tests.Engine;

/// <summary>Messages, their dispositions and the credit between two engines cost no garbage.</summary>
public class AllocationTests
{
    private const int Batch = 100;

    [Fact]
    public void TenThousandMessagesThereAndBack_AllocateNothing()
    {
        Owner client = new();
        Owner listener = new() { Settles = true };
        client.Engine = new ConnectionEngine(Script.ClientSettings, client);
        listener.Engine = new ConnectionEngine(Script.ListenerSettings with { UseSasl = false }, listener);
        client.Engine.Start(0);
        listener.Engine.Start(0);
        Exchange(client, listener);
        Session session = client.Engine.BeginSession(null);
        SendingLink sender = session.AttachSender(new Attach { Name = "link", Source = new Source(), Target = new Target() }, null);
        Exchange(client, listener);
        OutgoingDelivery[] deliveries = [.. Enumerable.Range(0, Batch).Select(_ => new TestDelivery(100))];
        Run(sender, deliveries, client, listener, 2_000);

        long before = GC.GetAllocatedBytesForCurrentThread();
        Run(sender, deliveries, client, listener, 10_000);
        long allocated = GC.GetAllocatedBytesForCurrentThread() - before;

        Assert.Equal(12_000, listener.Received);
        Assert.Equal(12_000, client.Settled);
        Assert.True(allocated < 10_000, $"{allocated} bytes for 10,000 messages"); // below 1 B a message: nothing per message
    }

    private static void Run(SendingLink sender, OutgoingDelivery[] deliveries, Owner client, Owner listener, int messages)
    {
        for (int sent = 0; sent < messages; sent += Batch)
        {
            foreach (OutgoingDelivery delivery in deliveries)
            {
                sender.Enqueue(delivery);
            }

            Exchange(client, listener);
        }
    }

    private static void Exchange(Owner client, Owner listener)
    {
        bool moved;
        do
        {
            client.Engine.PumpSends(1 << 20);
            client.Engine.FlushDispositions();
            moved = Move(client, listener);
            listener.Engine.FlushDispositions();
            moved |= Move(listener, client);
        }
        while (moved || client.Engine.HasPendingSends);
    }

    private static bool Move(Owner from, Owner to)
    {
        AmqpWriter output = from.Engine.Output;
        if (output.Length == 0)
        {
            return false;
        }

        ReadOnlySequence<byte> input = new(output.WrittenMemory);
        SequencePosition position = to.Engine.Receive(in input, 0);
        Assert.True(input.Slice(position).IsEmpty);
        output.Clear();
        return true;
    }

    private sealed class Owner : IEngineEvents
    {
        public ConnectionEngine Engine { get; set; } = null!;

        public bool Settles { get; init; }

        public int Received { get; private set; }

        public int Settled { get; private set; }

        public void OnSaslMechanisms(Symbol[] offered)
        {
        }

        public void OnSaslInit(in SaslInit init)
        {
        }

        public void OnSaslResponse(ReadOnlySpan<byte> response)
        {
        }

        public void OnSaslChallenge(ReadOnlySpan<byte> challenge)
        {
        }

        public void OnSaslOutcome(byte code, ReadOnlyMemory<byte> additionalData)
        {
        }

        public void OnOpened(in Open open)
        {
            if (Engine.Settings.IsListener)
            {
                Engine.Open();
            }
        }

        public void OnClosed(AmqpError? error) => Assert.Fail("closed");

        public void OnFailed(AmqpError error) => Assert.Fail(error.ToString());

        public void OnSessionRequested(Session session, in Begin begin) => session.Begin();

        public void OnSessionBegun(Session session, in Begin begin)
        {
        }

        public void OnSessionEnded(Session session, AmqpError? error) => Assert.Fail("ended");

        public void OnLinkRequested(Link link, in Attach attach)
        {
            link.Accept(in attach);
            ((ReceivingLink)link).SetCredit(1_000);
        }

        public void OnAttached(Link link, in Attach attach)
        {
        }

        public void OnDetached(Link link, bool closed, AmqpError? error) => Assert.Fail("detached");

        public void OnFlow(SendingLink link)
        {
        }

        public void OnSent(SendingLink link, OutgoingDelivery delivery)
        {
        }

        public void OnUpdated(SendingLink link, OutgoingDelivery delivery, DeliveryState? state, bool settled) => Settled++;

        public void OnTransfer(ReceivingLink link, in IncomingTransfer transfer, in ReadOnlySequence<byte> payload)
        {
            Received++;
            link.Update(transfer.DeliveryId, Accepted.Instance, settled: true);
            if (link.Credit < 500)
            {
                link.SetCredit(1_000);
            }
        }

        public void OnAborted(ReceivingLink link, uint deliveryId)
        {
        }

        public void OnRemoteSettled(ReceivingLink link, uint deliveryId, DeliveryState? state)
        {
        }

        public void OnDrained(ReceivingLink link)
        {
        }
    }
}

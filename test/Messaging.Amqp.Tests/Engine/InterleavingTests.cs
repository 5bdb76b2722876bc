using CsCheck;
using Messaging.Amqp.Engine;
using Messaging.Amqp.Framing;

namespace Messaging.Amqp.Tests.Engine;

/// <summary>Two engines under random operations at both ends: nothing is lost, the ledgers agree, nobody calls the other a violator.</summary>
public class InterleavingTests
{
    private enum Operation
    {
        Send,
        SendSettled,
        SendLarge,
        Cancel,
        Credit,
        Drain,
        Settle,
        SettleUnsettled,
        Pump,
        PumpLittle,
        Exchange,
        Reattach,
    }

    private static readonly Gen<(Operation Operation, int Link, int Value)[]> Operations =
        Gen.Select(Gen.Enum<Operation>(), Gen.Int[0, 2], Gen.Int[0, 50]).Array[1, 200];

    [Fact]
    public void RandomOperations_LoseNothing() =>
        Gen.Select(Operations, Gen.Int[0, 1_000_000], Gen.UInt[1, 40]).Sample((operations, seed, window) => new World(seed, window).Play(operations));

    /// <summary>Three links on one session, small frames and windows, ids close to the wrap.</summary>
    private sealed class World
    {
        private readonly EnginePair _pair;
        private readonly Session _session;
        private readonly Lane[] _lanes;

        public World(int seed, uint window)
        {
            EngineSettings client = EnginePair.Settings("client") with { InitialOutgoingId = 0xffff_fff0, MaxFrameSize = 512 };
            EngineSettings listener = EnginePair.Settings("listener", isListener: true) with { SessionIncomingWindow = window, MaxFrameSize = 600 };
            _pair = new EnginePair(client, listener, new Random(seed));
            _pair.Open();
            _session = _pair.Client.BeginSession(null);
            _lanes = [new Lane(), new Lane(), new Lane()];
            for (int i = 0; i < _lanes.Length; i++)
            {
                Attach(i);
            }

            _pair.ListenerEvents.MessageSeen = message => ((Lane)message.Link.Owner!).Unsettled.Add(message);
            _pair.ClientEvents.Updated = (link, delivery, state, settled) =>
            {
                if (!settled)
                {
                    link.Settle(delivery, state);
                }
            };
        }

        public void Play((Operation Operation, int Link, int Value)[] operations)
        {
            foreach ((Operation operation, int link, int value) in operations)
            {
                Apply(operation, _lanes[link], link, value);
                Assert.Null(_pair.ClientEvents.Failure);
                Assert.Null(_pair.ListenerEvents.Failure);
            }

            Finish();
        }

        private void Apply(Operation operation, Lane lane, int index, int value)
        {
            switch (operation)
            {
                case Operation.Send or Operation.SendSettled or Operation.SendLarge:
                    lane.Send(new TestDelivery(operation == Operation.SendLarge ? value * 60 : value, operation == Operation.SendSettled));
                    break;
                case Operation.Cancel when lane.Sent.Count > 0:
                    lane.Cancel(value);
                    break;
                case Operation.Credit or Operation.Drain:
                    lane.Receiver.SetCredit((uint)value, drain: operation == Operation.Drain, echo: value % 2 == 0);
                    break;
                case Operation.Settle or Operation.SettleUnsettled when lane.Unsettled.Count > 0:
                    lane.Settle(value, settled: operation == Operation.Settle);
                    break;
                case Operation.Pump or Operation.PumpLittle:
                    _pair.Client.PumpSends(operation == Operation.Pump ? 1 << 20 : _pair.Client.Output.Length + 600);
                    break;
                case Operation.Exchange:
                    _pair.Run();
                    Assert.All(_lanes, each => Assert.Equal(each.Sender.Credit, each.Receiver.Credit));
                    break;
                case Operation.Reattach when value < 5:
                    Reattach(lane, index);
                    break;
            }
        }

        private void Reattach(Lane lane, int index)
        {
            Drain(lane);
            lane.Sender.Detach(closed: false, null);
            Attach(index);
        }

        private void Attach(int index)
        {
            Lane lane = _lanes[index];
            lane.Sender = _session.AttachSender(new Attach { Name = $"lane{index}", Source = new Source(), Target = new Target(), InitialDeliveryCount = 0xffff_fffe }, lane);
            _pair.Run();
            lane.Receiver = (ReceivingLink)_pair.ListenerEvents.Links[^1];
            lane.Receiver.Owner = lane;
        }

        private void Drain(Lane lane)
        {
            lane.Receiver.SetCredit(100_000);
            _pair.Run();
            lane.Settle(lane.Unsettled.Count, settled: true);
            _pair.Run();
            Assert.Equal(lane.Sender.Credit, lane.Receiver.Credit);
        }

        private void Finish()
        {
            foreach (Lane lane in _lanes)
            {
                Drain(lane);
                Assert.Equal(0, lane.Sender.Queued);
                Assert.All(lane.Sent, delivery => Assert.True(delivery.IsSent));
                Assert.All(lane.Sent, delivery => Assert.True(delivery.Settled || delivery.Link is null));
            }

            Assert.Equal(_lanes.Sum(lane => lane.Sent.Count), _pair.ListenerEvents.Messages.Count);
            Assert.Equal(
                _lanes.SelectMany(lane => lane.Sent).Select(delivery => Convert.ToHexString(delivery.Payload.Span)).Order(StringComparer.Ordinal),
                _pair.ListenerEvents.Messages.Select(message => Convert.ToHexString(message.Body)).Order(StringComparer.Ordinal),
                StringComparer.Ordinal);
            Assert.Equal((0, 0), (_session.Outgoing.Count, _pair.ListenerEvents.Sessions[0].Incoming.Count));
        }
    }

    private sealed class Lane
    {
        public SendingLink Sender { get; set; } = null!;

        public ReceivingLink Receiver { get; set; } = null!;

        public List<TestDelivery> Sent { get; } = [];

        public List<ReceivedMessage> Unsettled { get; } = [];

        public void Send(TestDelivery delivery)
        {
            Sent.Add(delivery);
            Sender.Enqueue(delivery);
        }

        /// <summary>Every other time the one at the head of the queue, which may be in its middle.</summary>
        public void Cancel(int value)
        {
            TestDelivery? head = Sent.Find(delivery => !delivery.IsSent);
            TestDelivery victim = value % 2 == 0 && head is not null ? head : Sent[value % Sent.Count];
            if (Sender.Cancel(victim) != CancelResult.TooLate)
            {
                Sent.Remove(victim);
            }
        }

        public void Settle(int count, bool settled)
        {
            foreach (ReceivedMessage message in Unsettled.Take(count))
            {
                message.Link.Update(message.DeliveryId, settled ? Accepted.Instance : Released.Instance, settled);
            }

            Unsettled.RemoveRange(0, Math.Min(count, Unsettled.Count));
        }
    }
}

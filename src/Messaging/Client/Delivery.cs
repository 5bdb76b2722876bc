using Messaging.Amqp;

namespace Messaging.Client;

/// <summary>A received message in the application's hands.</summary>
internal sealed class Delivery : IDelivery
{
    private const int Open = 0;
    private const int SettledHere = 1;
    private const int SettledBySender = 2;

    private readonly Receiver _receiver;
    private readonly DeliveryTag _tag;
    private readonly uint _messageFormat;
    private byte[]? _tagBytes;
    private Message? _message;
    private PayloadBlock? _payload;
    private int _state;
    private bool _isCounted;

    public Delivery(Receiver receiver, DeliveryKey key, DeliveryTag tag, PayloadBlock payload, uint messageFormat, bool settled)
    {
        _receiver = receiver;
        Key = key;
        _tag = tag;
        _payload = payload;
        _messageFormat = messageFormat;
        _state = settled ? SettledBySender : Open;
        if (receiver.IsSettleModeSecond && !settled)
            SenderSettled = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
    }

    public DeliveryKey Key { get; }

    public bool IsResumed { get; init; }

    public Message Message => Volatile.Read(ref _message) ?? TakeMessage();

    public ReadOnlyMemory<byte> Tag => _tagBytes ??= _tag.ToArray();

    public bool Settled => Volatile.Read(ref _state) != Open;

    /// <summary>Completes when the sender has settled; there only with receiver settle mode second, and before anybody can wait for it.</summary>
    public TaskCompletionSource? SenderSettled { get; }

    /// <summary>Whether it counts among the unsettled deliveries that <see cref="ReceiverOptions.MaxUnsettled"/> limits.</summary>
    public bool IsCounted => _isCounted;

    public ValueTask AcceptAsync(CancellationToken cancellationToken = default) => SettleAsync(Accepted.Instance, cancellationToken);

    public ValueTask RejectAsync(AmqpError? error = null, CancellationToken cancellationToken = default) => SettleAsync(new Rejected(error), cancellationToken);

    public ValueTask ReleaseAsync(CancellationToken cancellationToken = default) => SettleAsync(Released.Instance, cancellationToken);

    public ValueTask ModifyAsync(bool deliveryFailed, bool undeliverableHere, CancellationToken cancellationToken = default) =>
        SettleAsync(new Modified { DeliveryFailed = deliveryFailed, UndeliverableHere = undeliverableHere }, cancellationToken);

    public ValueTask ModifyAsync(Modified modification, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(modification);
        return SettleAsync(modification, cancellationToken);
    }

    /// <summary>Gives the pooled memory back.</summary>
    public void Dispose()
    {
        // Whoever takes the payload decides: this call, or the one that makes the message of it.
        if (Interlocked.Exchange(ref _payload, null) is { } payload)
            payload.Return();
        else
            Volatile.Read(ref _message)?.Release(taken: true);
    }

    /// <summary>Counts it as handed out and unsettled, unless the sender has settled it: nobody will.</summary>
    public bool TryCount() => _isCounted = !Settled;

    /// <summary>Settles unless that has happened already.</summary>
    public bool TrySettle(Outcome outcome)
    {
        if (Interlocked.CompareExchange(ref _state, SettledHere, Open) != Open)
            return false;
        _receiver.Settle(this, outcome);
        return true;
    }

    /// <summary>The sender settled first: there is nothing left to say.</summary>
    public void OnSenderSettled() => Interlocked.CompareExchange(ref _state, SettledBySender, Open);

    private ValueTask SettleAsync(Outcome outcome, CancellationToken cancellationToken)
    {
        int size = Encodable.Require(outcome);
        _receiver.ThrowIfSettlementIsLost(Key);
        if (outcome is Modified)
            _receiver.ThrowIfTooLarge(size); // annotations are data: unlike the text of an error, nothing of them may be left out
        int state = Interlocked.CompareExchange(ref _state, SettledHere, Open);
        if (state == SettledHere)
            throw new InvalidOperationException($"{_receiver.Description}: this delivery is already settled; settle each delivery once.");
        if (state == SettledBySender)
            return ValueTask.CompletedTask;
        _receiver.Settle(this, outcome);
        return SenderSettled is null ? ValueTask.CompletedTask : _receiver.WaitForSenderAsync(SenderSettled.Task, cancellationToken);
    }

    private Message TakeMessage()
    {
        lock (_receiver)
        {
            if (_message is not null)
                return _message;
            PayloadBlock payload = Interlocked.Exchange(ref _payload, null)
                ?? throw new ObjectDisposedException(nameof(IDelivery), $"{_receiver.Description}: the delivery was disposed before its message was looked at.");
            Message message = Message.FromPayload(payload, _messageFormat);
            Volatile.Write(ref _message, message);
            return message;
        }
    }
}

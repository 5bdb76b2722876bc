using System.Diagnostics.CodeAnalysis;
using Messaging.Amqp;
using Messaging.Amqp.Engine;
using Messaging.Amqp.Framing;
using Messaging.Loop;
using Messaging.Recovery;

namespace Messaging.Client;

/// <summary>The sending end of a link, as callers see it: encodes and posts. What runs on the loop stands in the other part.</summary>
internal sealed partial class Sender : LinkEndpoint, ISender
{
    /// <summary>How many messages of a batch may be encoded and wait for credit: a long batch must not be in memory whole.</summary>
    private const int BatchAhead = 1000;

    private readonly SenderOptions _options;
    private readonly OfflineGate _gate = new();
    private ulong _maxMessageSize;
    private int _outside; // sends that wait for room, and those that did not get in before the stop

    public Sender(SessionEndpoint session, SenderOptions options)
        : base(session, options.Name ?? LinkNames.Next())
    {
        _options = options.OnConnectionLoss == ConnectionLossBehavior.Resume ? KeptTermini.For(options) : options;
        Target = _options.Target;
    }

    public int Credit => (int)Math.Clamp(_credit.Available, 0, int.MaxValue);

    public bool IsDrainRequested => _credit.SeeDrain();

    public ulong MaxMessageSize => Volatile.Read(ref _maxMessageSize);

    protected override string RoleAndAddress =>
        Target.Address is { } address ? $"The sender to '{address}'" : Target.Dynamic ? "The sender to a dynamic node" : "The sender without an address";

    protected override bool IsTerminusKept => Target.Durability != TerminusDurability.None || Target.ExpiryPolicy == TerminusExpiryPolicy.Never;

    private bool IsPresettled => _options.SettleMode == SenderSettleMode.Settled;

    public ValueTask SendAsync(Message message, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(message);
        ThrowIfEnded();
        if (cancellationToken.IsCancellationRequested)
            return ValueTask.FromCanceled(cancellationToken);

        SendOperation operation = SendOperation.Rent();
        operation.Prepare(this, message, IsPresettled);
        return _gate.IsClosed ? StartOfflineAsync(operation, cancellationToken) : Start(operation, cancellationToken);
    }

    public async ValueTask<ISentDelivery> SendTrackedAsync(Message message, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(message);
        ThrowIfEnded();
        cancellationToken.ThrowIfCancellationRequested();
        TrackedSend send = Track(message);
        await EnterAsync(send, cancellationToken).ConfigureAwait(false);
        return await Start(send, cancellationToken).Handed.ConfigureAwait(false);
    }

    public async ValueTask<IReadOnlyList<Outcome>> SendBatchAsync(IEnumerable<Message> messages, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(messages);
        ThrowIfEnded();
        cancellationToken.ThrowIfCancellationRequested();
        var sends = new List<TrackedSend>();
        foreach (Message message in messages)
        {
            ArgumentNullException.ThrowIfNull(message, nameof(messages));
            if (sends.Count >= BatchAhead)
                await sends[^BatchAhead].Handed.ConfigureAwait(false);
            TrackedSend send = Track(message);
            await EnterAsync(send, cancellationToken).ConfigureAwait(false);
            sends.Add(Start(send, cancellationToken));
        }

        var outcomes = new Outcome[sends.Count];
        for (int i = 0; i < outcomes.Length; i++)
        {
            await sends[i].Handed.ConfigureAwait(false);
            outcomes[i] = await OutcomeAsync(sends[i], cancellationToken).ConfigureAwait(false);
        }

        return outcomes;
    }

    public bool TrySend(Message message, [NotNullWhen(true)] out ISentDelivery? delivery)
    {
        ArgumentNullException.ThrowIfNull(message);
        ThrowIfEnded();
        delivery = null;
        if (!_credit.TryIssue())
            return false;

        var send = new TrackedSend(waits: false);
        try
        {
            send.Encode(this, message, IsPresettled);
        }
        catch
        {
            _credit.GiveBack();
            throw;
        }

        send.Start(CancellationToken.None);
        delivery = send;
        return true;
    }

    /// <summary>The mark of the next message for duplicate detection; null when none is wanted.</summary>
    internal string? NextDuplicateId() => _options.DuplicateDetection ? Guid.NewGuid().ToString("N") : null;

    /// <summary>Hands a command of a send to the loop.</summary>
    internal void Post(ILoopCommand command, bool isAlone = false) => Loop.Post(command, isAlone);

    private OfflineRoom Room => Session.Owner.Room;

    private ValueTask Start(SendOperation operation, CancellationToken cancellationToken)
    {
        _credit.Issue();
        return operation.Start(cancellationToken);
    }

    private async ValueTask StartOfflineAsync(SendOperation operation, CancellationToken cancellationToken)
    {
        await EnterAsync(operation, cancellationToken).ConfigureAwait(false);
        await Start(operation, cancellationToken).ConfigureAwait(false);
    }

    private TrackedSend Track(Message message)
    {
        var send = new TrackedSend(waits: true);
        send.Encode(this, message, IsPresettled);
        return send;
    }

    private TrackedSend Start(TrackedSend send, CancellationToken cancellationToken)
    {
        _credit.Issue();
        send.Start(cancellationToken);
        return send;
    }

    /// <summary>While the link is lost, only so many sends are queued for when it is back.</summary>
    private async ValueTask EnterAsync(OutgoingSend send, CancellationToken cancellationToken)
    {
        if (!_gate.IsClosed)
            return;
        Interlocked.Increment(ref _outside);
        try
        {
            await EnterRoomAsync(send, cancellationToken).ConfigureAwait(false);
        }
        catch when (IsStopping)
        {
            send.ReleaseBuffer();
            throw; // it stays among what was not sent
        }
        catch
        {
            Interlocked.Decrement(ref _outside);
            send.ReleaseBuffer();
            throw;
        }

        Interlocked.Decrement(ref _outside);
    }

    private async ValueTask EnterRoomAsync(OutgoingSend send, CancellationToken cancellationToken)
    {
        TimeProvider time = Loop.Settings.TimeProvider;
        long began = time.GetTimestamp();
        using CancellationTokenSource? timeout = cancellationToken.CanBeCanceled ? null : Loop.OperationTimeout();
        int bytes = send.Payload.Length;
        try
        {
            send.Place = await Room.EnterAsync(_gate, bytes, timeout?.Token ?? cancellationToken).ConfigureAwait(false) ? bytes : null;
        }
        catch (OperationCanceledException exception)
        {
            if (timeout is { IsCancellationRequested: true })
                throw new TimeoutException($"{Description}: the link is lost and not back within {Loop.Settings.OperationTimeout}, and the queue for it is full (MaxPendingSends, MaxPendingBytes); the message was not sent.", exception);
            throw new OperationCanceledException($"{Description}: the send was cancelled; the message was not sent.", exception, cancellationToken);
        }

        send.Waited = time.GetElapsedTime(began);
        try
        {
            ThrowIfEnded();
        }
        catch
        {
            GiveBackPlace(send);
            throw;
        }
    }

    private void GiveBackPlace(OutgoingSend send)
    {
        if (send.Place is { } bytes)
            Room.Leave(bytes);
        send.Place = null;
    }

    protected override ValueTask FinishAllAsync(CancellationToken cancellationToken) => FinishAsync(cancellationToken);

    protected override async ValueTask FinishAsync(CancellationToken cancellationToken)
    {
        Task finished = await Loop.InvokeAsync(WhenFinished).WaitAsync(cancellationToken).ConfigureAwait(false);
        await finished.WaitAsync(cancellationToken).ConfigureAwait(false);
    }
}

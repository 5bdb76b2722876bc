using System.Diagnostics.CodeAnalysis;
using Messaging.Amqp;
using Messaging.Amqp.Engine;
using Messaging.Amqp.Framing;
using Messaging.Loop;

namespace Messaging.Client;

/// <summary>The sending end of a link, as callers see it: encodes and posts. What runs on the loop stands in the other part.</summary>
internal sealed partial class Sender : LinkEndpoint, ISender
{
    /// <summary>How many messages of a batch may be encoded and wait for credit: a long batch must not be in memory whole.</summary>
    private const int BatchAhead = 1000;

    private readonly SenderOptions _options;
    private ulong _maxMessageSize;

    public Sender(SessionEndpoint session, SenderOptions options)
        : base(session, options.Name ?? LinkNames.Next())
    {
        _options = options.OnConnectionLoss == ConnectionLossBehavior.Resume ? KeptTermini.For(options) : options;
        Target = _options.Target;
        _sends = new SendList(Loop);
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
        return HasToWait ? StartOfflineAsync(operation, cancellationToken) : Start(operation, cancellationToken);
    }

    public async ValueTask<ISentDelivery> SendTrackedAsync(Message message, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(message);
        ThrowIfEnded();
        cancellationToken.ThrowIfCancellationRequested();
        TrackedSend send = Track(message);
        await StartWhenPossibleAsync(send, cancellationToken).ConfigureAwait(false);
        return await send.Handed.ConfigureAwait(false);
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
            await StartWhenPossibleAsync(send, cancellationToken).ConfigureAwait(false);
            sends.Add(send);
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

    private ValueTask Start(SendOperation operation, CancellationToken cancellationToken)
    {
        _credit.Issue();
        return operation.Start(cancellationToken);
    }

    private TrackedSend Track(Message message)
    {
        var send = new TrackedSend(waits: true);
        send.Encode(this, message, IsPresettled);
        return send;
    }

    private void Start(TrackedSend send, CancellationToken cancellationToken)
    {
        _credit.Issue();
        send.Start(cancellationToken);
    }

    protected override ValueTask FinishAllAsync(CancellationToken cancellationToken) => FinishAsync(cancellationToken);

    protected override async ValueTask FinishAsync(CancellationToken cancellationToken)
    {
        Task finished = await Loop.InvokeAsync(WhenFinished).WaitAsync(cancellationToken).ConfigureAwait(false);
        await finished.WaitAsync(cancellationToken).ConfigureAwait(false);
    }
}

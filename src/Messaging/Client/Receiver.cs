using System.Diagnostics.CodeAnalysis;
using System.Runtime.CompilerServices;
using Messaging.Amqp;

namespace Messaging.Client;

/// <summary>The receiving end of a link, as callers see it: takes deliveries and asks for credit. What runs on the loop stands in the other part.</summary>
internal sealed partial class Receiver : LinkEndpoint, IReceiver
{
    private readonly ReceiverOptions _options;
    private readonly ReceiveDemand _demand;
    private readonly SettlementQueue _settlements = new();
    private readonly DeliveryQueue _deliveries;
    private int _untoppedTakes;

    public Receiver(SessionEndpoint session, ReceiverOptions options)
        : base(session, options.Name ?? LinkNames.Next())
    {
        _options = options;
        _demand = new ReceiveDemand(options.CreditWindow);
        _deliveries = new DeliveryQueue(OnTaking);
        _work = new WorkCommand(this);
        Source = options.Source;
    }

    public bool IsSettleModeSecond => _options.SettleMode == ReceiverSettleMode.Second;

    protected override string RoleAndAddress =>
        Source.Address is { } address ? $"The receiver from '{address}'" : "The receiver from a dynamic node";

    protected override bool IsTerminusKept => Source.Durability != TerminusDurability.None || Source.ExpiryPolicy == TerminusExpiryPolicy.Never;

    public IAsyncEnumerable<IDelivery> ReceiveAllAsync(CancellationToken cancellationToken = default) => StreamAsync(count: null, cancellationToken);

    public IAsyncEnumerable<IDelivery> ReceiveAllAsync(int count, CancellationToken cancellationToken = default)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(count, 1);
        return StreamAsync(count, cancellationToken);
    }

    public bool TryReceive([NotNullWhen(true)] out IDelivery? delivery)
    {
        if (_demand.OpenWindow())
            RequestWork();
        if (TryTake(out Delivery? taken))
        {
            delivery = taken;
            return true;
        }

        ThrowIfEnded();
        delivery = null;
        return false;
    }

    public ValueTask<IDelivery> ReceiveAsync(CancellationToken cancellationToken = default)
    {
        if (cancellationToken.IsCancellationRequested)
            return ValueTask.FromCanceled<IDelivery>(cancellationToken);
        return TryTake(out Delivery? taken) ? new ValueTask<IDelivery>(taken) : WaitForOneAsync(cancellationToken);
    }

    public async ValueTask ProcessAsync(Func<IDelivery, CancellationToken, ValueTask> handler, int maxConcurrency = 1, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(handler);
        ArgumentOutOfRangeException.ThrowIfLessThan(maxConcurrency, 1);
        ThrowIfEnded();
        _demand.BeginStream(count: null);
        RequestWork();
        try
        {
            var workers = new Task[maxConcurrency];
            for (int i = 0; i < workers.Length; i++)
                workers[i] = Task.Run(() => HandleAllAsync(handler, cancellationToken), CancellationToken.None);
            await Task.WhenAll(workers).ConfigureAwait(false);
        }
        finally
        {
            _demand.EndStream(left: null);
            RequestWork();
        }
    }

    public async ValueTask AddCreditAsync(int credit, CancellationToken cancellationToken = default)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(credit, 1);
        RequireManualCredit();
        await Loop.InvokeAsync(() => AddCredit(credit)).WaitAsync(cancellationToken).ConfigureAwait(false);
    }

    public async ValueTask DrainAsync(CancellationToken cancellationToken = default)
    {
        RequireManualCredit();
        Task drained = await Loop.InvokeAsync(BeginDrain).WaitAsync(cancellationToken).ConfigureAwait(false);
        using CancellationTokenSource? timeout = cancellationToken.CanBeCanceled ? null : Loop.OperationTimeout();
        try
        {
            await drained.WaitAsync(timeout?.Token ?? cancellationToken).ConfigureAwait(false);
        }
        catch (OperationCanceledException) when (timeout is { IsCancellationRequested: true })
        {
            throw new TimeoutException($"{Description}: the peer did not answer the drain within {Loop.Settings.OperationTimeout}.");
        }
    }

    /// <summary>Posts a settlement; the loop merges neighbours into one disposition.</summary>
    public void Settle(Delivery delivery, Outcome outcome)
    {
        _settlements.Add(new Settlement(delivery.Key, outcome, Settled: !IsSettleModeSecond));
        if (delivery.IsCounted)
            _unsettled.Add(delivery.Key.Attachment, -1);
        RequestWork();
    }

    /// <summary>With receiver settle mode second: the delivery is done when the sender has settled it too.</summary>
    public async ValueTask WaitForSenderAsync(Task settled, CancellationToken cancellationToken)
    {
        TimeSpan limit = cancellationToken.CanBeCanceled ? Timeout.InfiniteTimeSpan : Loop.Settings.OperationTimeout;
        try
        {
            await settled.WaitAsync(limit, Loop.Settings.TimeProvider, cancellationToken).ConfigureAwait(false);
        }
        catch (TimeoutException)
        {
            throw new TimeoutException($"{Description}: the sender did not settle the delivery within {limit}; whether it has our outcome is unknown. Pass a token to wait longer.");
        }
    }

    /// <summary>Throws when a settlement can no longer reach the peer.</summary>
    public void ThrowIfSettlementIsLost(DeliveryKey key)
    {
        if (Reason is { } reason)
            throw EndedException(reason);
        if (IsDetaching)
            throw ClosedHere();
        if (key.Attachment != Volatile.Read(ref _attachment))
            throw new DeliveryLostException($"{Description}: the delivery came on a connection or session that is gone and can no longer be settled; the peer will deliver the message again.", isTransient: true);
    }

    /// <summary>Throws when a settlement does not fit into a frame.</summary>
    public void ThrowIfTooLarge(int frameSize)
    {
        uint limit = Volatile.Read(ref _peerFrameSize);
        if ((uint)frameSize > limit)
            throw new ArgumentException($"{Description}: the modification needs a frame of {frameSize} bytes, and the peer takes {limit}. Nothing was settled: settle with smaller annotations, or raise the frame size at the peer.");
    }

    protected override ValueTask FinishAsync(CancellationToken cancellationToken) => ValueTask.CompletedTask;

    protected override async ValueTask FinishAllAsync(CancellationToken cancellationToken)
    {
        Task settled = await Loop.InvokeAsync(BeginStop).WaitAsync(cancellationToken).ConfigureAwait(false);
        await settled.WaitAsync(cancellationToken).ConfigureAwait(false);
    }

    private async IAsyncEnumerable<IDelivery> StreamAsync(int? count, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        ThrowIfEnded();
        int? left = count;
        _demand.BeginStream(count);
        RequestWork();
        try
        {
            while (left is null or > 0)
            {
                Delivery? delivery = await NextAsync(cancellationToken, isCounted: count is not null).ConfigureAwait(false);
                if (delivery is null)
                    yield break;
                left--;

                bool isAdvanced = false;
                try
                {
                    yield return delivery;
                    isAdvanced = true;
                }
                finally
                {
                    Conclude(delivery, isAdvanced);
                }
            }
        }
        finally
        {
            _demand.EndStream(left);
            RequestWork();
        }
    }

    /// <summary>The body is done with a delivery: it asked for the next one, or left the loop.</summary>
    private void Conclude(Delivery delivery, bool isAdvanced)
    {
        if (_options.AutoAccept && !delivery.Settled)
        {
            if (isAdvanced)
                delivery.TrySettle(Accepted.Instance);
            else if (delivery.TrySettle(Failed))
                LinkLog.LeftUnsettled(Loop.Settings.Logger, Description);
        }

        // Without auto-accept the application may still hold the delivery: it disposes it, or leaves it to the collector.
        if (_options.AutoAccept || delivery.Settled)
            delivery.Dispose();
    }

    private async Task HandleAllAsync(Func<IDelivery, CancellationToken, ValueTask> handler, CancellationToken cancellationToken)
    {
        while (true)
        {
            Delivery? delivery;
            try
            {
                delivery = await NextAsync(cancellationToken).ConfigureAwait(false);
            }
            catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
            {
                return;
            }

            if (delivery is null)
                return;
            await HandleAsync(handler, delivery, cancellationToken).ConfigureAwait(false);
        }
    }

    private async Task HandleAsync(Func<IDelivery, CancellationToken, ValueTask> handler, Delivery delivery, CancellationToken cancellationToken)
    {
        try
        {
            await handler(delivery, cancellationToken).ConfigureAwait(false);
            delivery.TrySettle(Accepted.Instance);
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            delivery.TrySettle(Released.Instance);
        }
        catch (Exception exception)
        {
            LinkLog.HandlerFailed(Loop.Settings.Logger, Description, exception);
            delivery.TrySettle(Failed);
        }
        finally
        {
            delivery.Dispose();
        }
    }

    private void RequireManualCredit()
    {
        ThrowIfEnded();
        if (_options.CreditWindow != 0)
            throw new InvalidOperationException($"{Description} has a credit window of {_options.CreditWindow}: manual credit needs ReceiverOptions.CreditWindow = 0.");
    }
}

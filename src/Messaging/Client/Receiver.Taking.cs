using System.Diagnostics.CodeAnalysis;
using System.Threading.Channels;
using Messaging.Amqp;

namespace Messaging.Client;

/// <summary>How a delivery passes from the loop to a consumer, and how the credit for it is asked for again.</summary>
internal sealed partial class Receiver
{
    private static readonly Modified Failed = new() { DeliveryFailed = true };

    /// <param name="delivery">The delivery.</param>
    /// <param name="isCounted">Whether a counted stream takes it.</param>
    private bool TryTake([NotNullWhen(true)] out Delivery? delivery, bool isCounted = false)
    {
        if (!_deliveries.Reader.TryRead(out delivery))
            return false;
        OnTaken(delivery, isCounted);
        return true;
    }

    /// <summary>
    /// A delivery leaves the ledger when it is handed out; the window is topped up at its half. What lowers the demand comes first: the loop may look
    /// between any two of these lines, and must not see room that is not there.
    /// </summary>
    private void OnTaken(Delivery delivery, bool isCounted)
    {
        if (isCounted)
            _demand.TakeCounted();
        if (_options.MaxUnsettled is not null && delivery.TryCount())
            Interlocked.Increment(ref _unsettled);
        Interlocked.Increment(ref _taken);
        if (Interlocked.Increment(ref _untoppedTakes) * 2 >= Volatile.Read(ref _lastTarget))
            RequestWork();
    }

    /// <summary>The next delivery of a stream; null after a local close.</summary>
    private async ValueTask<Delivery?> NextAsync(CancellationToken cancellationToken, bool isCounted = false)
    {
        cancellationToken.ThrowIfCancellationRequested();
        while (true)
        {
            if (TryTake(out Delivery? delivery, isCounted))
                return delivery;
            if (!await WaitToReadAsync(cancellationToken).ConfigureAwait(false))
                return null;
        }
    }

    private async ValueTask<IDelivery> WaitForOneAsync(CancellationToken cancellationToken)
    {
        using CancellationTokenSource? timeout = cancellationToken.CanBeCanceled ? null : Loop.OperationTimeout();
        _demand.BeginWait();
        RequestWork();
        try
        {
            Delivery? delivery = await NextAsync(timeout?.Token ?? cancellationToken).ConfigureAwait(false);
            if (delivery is not null)
                return delivery;
            ThrowIfEnded();
            throw new ObjectDisposedException(nameof(IReceiver), $"{Description} was closed here: create a new one.");
        }
        catch (OperationCanceledException) when (timeout is { IsCancellationRequested: true })
        {
            throw new TimeoutException($"{Description}: no message came within {Loop.Settings.OperationTimeout}. Pass a token to wait longer.");
        }
        finally
        {
            _demand.EndWait();
            RequestWork();
        }
    }

    /// <returns>False after a local close.</returns>
    private async ValueTask<bool> WaitToReadAsync(CancellationToken cancellationToken)
    {
        try
        {
            return await _deliveries.Reader.WaitToReadAsync(cancellationToken).ConfigureAwait(false);
        }
        catch (MessagingException) when (Reason is { } reason)
        {
            throw EndedException(reason);
        }
    }

    /// <summary>Asks the loop to send settlements and credit; requests that come before it does are one.</summary>
    private void RequestWork()
    {
        if (Interlocked.Exchange(ref _isWorkRequested, 1) == 0)
            Loop.Post(_work);
    }
}

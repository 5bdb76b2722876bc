using System.Diagnostics.CodeAnalysis;
using System.Threading.Channels;
using Messaging.Amqp;

namespace Messaging.Client;

/// <summary>How a delivery passes from the loop to a consumer, and how the credit for it is asked for again.</summary>
internal sealed partial class Receiver
{
    private static readonly Modified Failed = new() { DeliveryFailed = true };

    private bool TryTake([NotNullWhen(true)] out Delivery? delivery)
    {
        while (_deliveries.Reader.TryRead(out delivery))
        {
            if (!IsLost(delivery))
            {
                OnTaken();
                return true;
            }

            Interlocked.Increment(ref _taken);
            delivery.Dispose();
        }

        return false;
    }

    /// <summary>Whether the end of the link or of its session made the peer take the delivery back. One that the peer has settled is nobody's but ours, and still handed out.</summary>
    private bool IsLost(Delivery delivery) => !delivery.Settled && (Reason is not null || delivery.Key.Attachment != Volatile.Read(ref _attachment));

    /// <summary>A delivery leaves the ledger when it is handed out; the window is topped up at its half.</summary>
    private void OnTaken()
    {
        Interlocked.Increment(ref _taken);
        if (_options.MaxUnsettled is not null)
            Interlocked.Increment(ref _unsettled);
        if (Interlocked.Increment(ref _untoppedTakes) * 2 >= Volatile.Read(ref _lastTarget))
            RequestWork();
    }

    /// <summary>The next delivery of a stream; null after a local close.</summary>
    private async ValueTask<Delivery?> NextAsync(CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        while (true)
        {
            if (TryTake(out Delivery? delivery))
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

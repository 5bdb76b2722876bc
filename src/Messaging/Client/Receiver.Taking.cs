using System.Diagnostics.CodeAnalysis;
using System.Runtime.CompilerServices;
using Messaging.Amqp;

namespace Messaging.Client;

/// <summary>How a delivery passes from the loop to a consumer, and how the credit for it is asked for again.</summary>
internal sealed partial class Receiver
{
    private static readonly Modified Failed = new() { DeliveryFailed = true };

    private bool TryTake([NotNullWhen(true)] out Delivery? delivery)
    {
        if (!_deliveries.TryTake(out delivery))
            return false;
        OnTaken();
        return true;
    }

    /// <summary>A delivery leaves the ledger when it is handed out, under the queue's lock: what it lowers the demand by comes before it is counted as taken.</summary>
    private void OnTaking(Delivery delivery, bool isCounted)
    {
        if (isCounted)
            _demand.TakeCounted();
        if (_options.MaxUnsettled is not null && delivery.TryCount())
            _unsettled.Add(delivery.Key.Attachment, 1);
    }

    /// <summary>The window is topped up at its half.</summary>
    private void OnTaken()
    {
        if (Interlocked.Increment(ref _untoppedTakes) * 2 >= Volatile.Read(ref _lastTarget))
            RequestWork();
    }

    /// <summary>The next delivery of a stream; null after a local close.</summary>
    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder<>))]
    private async ValueTask<Delivery?> NextAsync(CancellationToken cancellationToken, bool isCounted = false)
    {
        cancellationToken.ThrowIfCancellationRequested();
        try
        {
            Delivery? delivery = await _deliveries.TakeAsync(isCounted, cancellationToken).ConfigureAwait(false);
            if (delivery is not null)
                OnTaken();
            return delivery;
        }
        catch (MessagingException) when (Reason is { } reason)
        {
            throw EndedException(reason);
        }
    }

    private async ValueTask<IDelivery> WaitForOneAsync(CancellationToken cancellationToken)
    {
        CancellationTokenSource? timeout = cancellationToken.CanBeCanceled ? null : Loop.RentTimeout();
        if (_demand.BeginWait())
            RequestWork();
        bool isServed = false;
        try
        {
            Delivery? delivery = await NextAsync(timeout?.Token ?? cancellationToken).ConfigureAwait(false);
            isServed = delivery is not null;
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
            if (_demand.EndWait() && !isServed)
                TakeCreditBack();
            if (timeout is not null)
                Loop.ReturnTimeout(timeout);
        }
    }

    /// <summary>The credit of calls beyond the window that were cancelled is nobody's.</summary>
    private void TakeCreditBack()
    {
        Volatile.Write(ref _isCreditLeftOver, true);
        RequestWork();
    }

    /// <summary>Asks the loop to send settlements and credit; requests that come before it does are one.</summary>
    private void RequestWork()
    {
        if (Interlocked.Exchange(ref _isWorkRequested, 1) == 0)
            Loop.Post(_work, isAlone: _deliveries.IsEmpty, canWait: true);
    }
}

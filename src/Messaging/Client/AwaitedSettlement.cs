namespace Messaging.Client;

/// <summary>The settlement of the sender for which a delivery waits, with receiver settle mode second.</summary>
/// <remarks>It does not hold the delivery, whose message would be kept for as long as the sender does not settle.</remarks>
internal readonly struct AwaitedSettlement(Delivery delivery)
{
    private readonly TaskCompletionSource _settled = delivery.SenderSettled!;
    private readonly WeakReference<Delivery> _delivery = new(delivery);

    public void OnSenderSettled()
    {
        if (_delivery.TryGetTarget(out Delivery? delivery))
            delivery.OnSenderSettled();
        _settled.TrySetResult();
    }

    /// <summary>The link or its session ended before the sender settled.</summary>
    public void OnLost(Exception reason)
    {
        _settled.TrySetException(reason);
        _ = _settled.Task.Exception;
    }
}

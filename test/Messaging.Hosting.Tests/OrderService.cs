namespace Messaging.Hosting.Tests;

/// <summary>An application's service as it is usually written: it knows interfaces only.</summary>
internal sealed class OrderService(IMessagingClient client)
{
    /// <summary>Sends an order and waits until it is accepted.</summary>
    public async Task PlaceAsync(string order, CancellationToken cancellationToken)
    {
        await using ISender sender = await client.CreateSenderAsync("orders", cancellationToken);
        await sender.SendAsync(new Message(order) { Subject = "order" }, cancellationToken);
    }

    /// <summary>Takes orders until there are no more; those without a text are rejected.</summary>
    public async Task<List<string>> TakeAllAsync(CancellationToken cancellationToken)
    {
        List<string> orders = [];
        await using IReceiver receiver = await client.CreateReceiverAsync("orders", cancellationToken);
        await foreach (IDelivery delivery in receiver.ReceiveAllAsync(cancellationToken))
        {
            if (delivery.Message.Body is string order)
                orders.Add(order);
            else
                await delivery.RejectAsync(cancellationToken: cancellationToken);
        }

        return orders;
    }
}

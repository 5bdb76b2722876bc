namespace Messaging.Testing.Interleaving;

/// <summary>The calls of which an interleaving is made.</summary>
public sealed partial class RandomOperations
{
    private static readonly ConnectionLossBehavior[] Behaviors = [ConnectionLossBehavior.Resend, ConnectionLossBehavior.Surface, ConnectionLossBehavior.Resume];

    private (string Name, Func<PendingOperation, Task> Call) Choose(int slot, int what, int value) => what switch
    {
        < 12 => ($"send on {slot}", call => SendAsync(slot, 10, call)),
        < 16 => ($"try to send on {slot}", call => TrySendAsync(slot, call)),
        < 20 => ($"send a batch of {1 + (value % 3)} on {slot}", call => SendBatchAsync(slot, 1 + (value % 3), call)),
        < 25 => ($"send 150,000 bytes on {slot}", call => SendAsync(slot, 150_000, call)),
        < 30 => ($"send tracked on {slot}", call => SendTrackedAsync(slot, call)),
        < 42 => ($"receive on {slot}", call => ReceiveAsync(slot, call)),
        < 47 => ($"stream of {value % 5} on {slot}", call => StreamAsync(slot, value % 5, call)),
        < 50 => ($"process on {slot}", call => ProcessAsync(slot, 1 + (value % 2), call)),
        < 54 => ($"take from {slot}", call => TakeAsync(slot, call)),
        < 68 => ($"settle {value % 4}", call => SettleAsync(value % 4, call)),
        < 74 => ($"create sender {slot}", call => CreateSenderAsync(slot, value, call)),
        < 80 => ($"create receiver {slot}", call => CreateReceiverAsync(slot, value, call)),
        < 83 => ("a session of its own", SessionAsync),
        < 86 => ($"drain {slot}", call => DrainAsync(slot, call)),
        < 92 => ($"end {(value % 2 == 0 ? "sender" : "receiver")} {slot} by {value % 3}", call => EndLinkAsync(value % 2 == 0 ? _senders[slot] : _receivers[slot], value % 3, call)),
        < 94 => ($"wait for a drain on {slot}", call => call.Use(_senders[slot])?.WaitForDrainAsync(call.Stop).AsTask() ?? Task.CompletedTask),
        < 96 => ($"answer a drain on {slot}", call => call.Use(_senders[slot])?.DrainedAsync(call.Stop).AsTask() ?? Task.CompletedTask),
        < 99 => ($"wait for credit on {slot}", call => call.Use(_senders[slot])?.WaitForCreditAsync(call.Stop).AsTask() ?? Task.CompletedTask),
        _ => ($"close the connection by {value % 2}", call => CloseAsync(value % 2, call)),
    };

    private async Task SendAsync(int slot, int size, PendingOperation call)
    {
        if (call.Use(_senders[slot]) is not { } sender)
            return;
        long id = _journal.Begin();
        await BookAsync(id, call, () => sender.SendAsync(NewMessage(id, size), call.Stop));
    }

    private Task BookAsync(long id, PendingOperation call, Func<ValueTask> send) => _journal.SendAsync(id, () => call.WatchAsync(send));

    private async Task SendTrackedAsync(int slot, PendingOperation call)
    {
        if (call.Use(_senders[slot]) is not { } sender)
            return;
        long id = _journal.Begin();
        await BookAsync(id, call, async () =>
        {
            ISentDelivery sent = await sender.SendTrackedAsync(NewMessage(id, 10), call.Stop);
            if (await sent.Outcome is not Amqp.Accepted)
                throw new LinkException("refused");
        });
    }

    private async Task TrySendAsync(int slot, PendingOperation call)
    {
        if (call.Use(_senders[slot]) is not { } sender)
            return;
        long id = _journal.Begin();
        await BookAsync(id, call, async () =>
        {
            if (!sender.TrySend(NewMessage(id, 10), out ISentDelivery? sent) || await sent.Outcome is not Amqp.Accepted)
                throw new LinkException("no credit, or refused");
        });
    }

    /// <summary>Which message of a batch was sent when it fails, nobody knows.</summary>
    private async Task SendBatchAsync(int slot, int count, PendingOperation call)
    {
        if (call.Use(_senders[slot]) is not { } sender)
            return;
        long[] ids = [.. Enumerable.Range(0, count).Select(_ => _journal.Begin())];
        try
        {
            IReadOnlyList<Amqp.Outcome> outcomes = await sender.SendBatchAsync(ids.Select(id => NewMessage(id, 10)), call.Stop);
            foreach ((long id, Amqp.Outcome outcome) in ids.Zip(outcomes))
                await _journal.SendAsync(id, () => outcome is Amqp.Accepted ? default : throw new LinkException("refused"));
        }
        catch
        {
            foreach (long id in ids)
                _journal.Unknown(id);
            throw;
        }
    }

    private async Task ProcessAsync(int slot, int concurrency, PendingOperation call)
    {
        if (call.Use(_receivers[slot]) is not { } receiver)
            return;
        await receiver.ProcessAsync(
            (delivery, _) =>
            {
                Book(delivery);
                return default;
            },
            concurrency,
            call.Stop);
    }

    private static Message NewMessage(long id, int size) => new(new byte[size]) { MessageId = (ulong)id };

    private async Task ReceiveAsync(int slot, PendingOperation call)
    {
        if (call.Use(_receivers[slot]) is { } receiver)
            Keep(await receiver.ReceiveAsync(call.Stop), receiver);
    }

    private async Task StreamAsync(int slot, int count, PendingOperation call)
    {
        if (call.Use(_receivers[slot]) is not { } receiver || count == 0)
            return;
        await foreach (IDelivery delivery in receiver.ReceiveAllAsync(count, call.Stop))
            Book(delivery);
    }

    private Task TakeAsync(int slot, PendingOperation call)
    {
        if (call.Use(_receivers[slot]) is { } receiver && receiver.TryReceive(out IDelivery? delivery))
            Keep(delivery, receiver);
        return Task.CompletedTask;
    }

    private void Keep(IDelivery delivery, IReceiver from)
    {
        Book(delivery);
        _deliveries.Enqueue((delivery, from));
    }

    private void Book(IDelivery delivery) => _journal.Consumed((long)(ulong)delivery.Message.MessageId!, delivery.Message.DeliveryCount, settled: false);

    private async Task SettleAsync(int how, PendingOperation call)
    {
        if (!_deliveries.TryDequeue(out (IDelivery Delivery, IReceiver From) taken))
            return;
        call.Use(taken.From);
        using (IDelivery delivery = taken.Delivery)
        {
            await (how switch
            {
                0 => delivery.ReleaseAsync(call.Stop),
                1 => delivery.ModifyAsync(deliveryFailed: true, undeliverableHere: false, call.Stop),
                _ => delivery.AcceptAsync(call.Stop),
            });
        }
    }

    private async Task CreateSenderAsync(int slot, int value, PendingOperation call)
    {
        var options = new SenderOptions { OnConnectionLoss = Behaviors[value / 2 % Behaviors.Length] };
        ISender created = await _connection.CreateSenderAsync(_address, options, call.Stop);
        ISender? old = Interlocked.Exchange(ref _senders[slot], created);
        if (old is not null && value % 2 == 0)
            await _endings.Ending(old).CloseAsync(call.Stop);
        else if (old is not null)
            await _endings.Ending(old).DisposeAsync();
    }

    private async Task CreateReceiverAsync(int slot, int value, PendingOperation call)
    {
        var options = new ReceiverOptions { CreditWindow = value % 3 };
        IReceiver created = await _connection.CreateReceiverAsync(_address, options, call.Stop);
        if (options.CreditWindow == 0)
        {
            _manual.Add(created, created);
            await created.AddCreditAsync(3, call.Stop);
        }

        if (Interlocked.Exchange(ref _receivers[slot], created) is { } old)
            await _endings.Ending(old).DisposeAsync();
    }

    private async Task SessionAsync(PendingOperation call)
    {
        await using ISession session = await _connection.CreateSessionAsync(cancellationToken: call.Stop);
        await using ISender sender = await session.CreateSenderAsync(_address, call.Stop);
        long id = _journal.Begin();
        await BookAsync(id, call, () => sender.SendAsync(NewMessage(id, 10), call.Stop));
    }

    private async Task DrainAsync(int slot, PendingOperation call)
    {
        if (call.Use(_receivers[slot]) is not { } receiver)
            return;
        if (!_manual.TryGetValue(receiver, out _))
            return; // its credit is not the application's to give
        await receiver.AddCreditAsync(2, call.Stop);
        await receiver.DrainAsync(call.Stop);
    }

    private async Task CloseAsync(int how, PendingOperation call)
    {
        IConnection connection = _endings.Ending(_connection);
        if (how == 0)
            await connection.CloseAsync(call.Stop);
        else
            await connection.CloseAsync(_setup.CloseDeadline, call.Stop);
    }

    private async Task EndLinkAsync(ILink? link, int how, PendingOperation call)
    {
        if (link is null)
            return;
        call.Use(_endings.Ending(link));
        await (how switch
        {
            0 => link.DisposeAsync(),
            1 => link.DetachAsync(call.Stop),
            _ => link.CloseAsync(call.Stop),
        });
    }
}

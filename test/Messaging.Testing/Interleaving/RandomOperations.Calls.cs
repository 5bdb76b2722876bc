namespace Messaging.Testing.Interleaving;

/// <summary>The calls of which an interleaving is made.</summary>
public sealed partial class RandomOperations
{
    private (string Name, Func<CancellationToken, Task> Call) Choose(int slot, int what, int value) => what switch
    {
        < 12 => ($"send on {slot}", stop => SendAsync(slot, 10, stop)),
        < 16 => ($"try to send on {slot}", _ => TrySendAsync(slot)),
        < 20 => ($"send a batch of {1 + (value % 3)} on {slot}", stop => SendBatchAsync(slot, 1 + (value % 3), stop)),
        < 25 => ($"send 150,000 bytes on {slot}", stop => SendAsync(slot, 150_000, stop)),
        < 30 => ($"send tracked on {slot}", stop => SendTrackedAsync(slot, stop)),
        < 42 => ($"receive on {slot}", stop => ReceiveAsync(slot, stop)),
        < 47 => ($"stream of {value % 5} on {slot}", stop => StreamAsync(slot, value % 5, stop)),
        < 50 => ($"process on {slot}", stop => ProcessAsync(slot, 1 + (value % 2), stop)),
        < 54 => ($"take from {slot}", _ => TakeAsync(slot)),
        < 68 => ($"settle {value % 4}", stop => SettleAsync(value % 4, stop)),
        < 74 => ($"create sender {slot}", stop => CreateSenderAsync(slot, value, stop)),
        < 80 => ($"create receiver {slot}", stop => CreateReceiverAsync(slot, value, stop)),
        < 83 => ("a session of its own", SessionAsync),
        < 86 => ($"drain {slot}", stop => DrainAsync(slot, stop)),
        < 92 => ($"end {(value % 2 == 0 ? "sender" : "receiver")} {slot} by {value % 3}", stop => EndLinkAsync(value % 2 == 0 ? _senders[slot] : _receivers[slot], value % 3, stop)),
        < 94 => ($"wait for a drain on {slot}", stop => _senders[slot]?.WaitForDrainAsync(stop).AsTask() ?? Task.CompletedTask),
        < 96 => ($"answer a drain on {slot}", stop => _senders[slot]?.DrainedAsync(stop).AsTask() ?? Task.CompletedTask),
        < 99 => ($"wait for credit on {slot}", stop => _senders[slot]?.WaitForCreditAsync(stop).AsTask() ?? Task.CompletedTask),
        _ => ("close the connection", stop => EndingHere(_connection).CloseAsync(stop).AsTask()),
    };

    private async Task SendAsync(int slot, int size, CancellationToken stop)
    {
        if (_senders[slot] is not { } sender)
            return;
        long id = _journal.Begin();
        await _journal.SendAsync(id, () => sender.SendAsync(NewMessage(id, size), stop));
    }

    private async Task SendTrackedAsync(int slot, CancellationToken stop)
    {
        if (_senders[slot] is not { } sender)
            return;
        long id = _journal.Begin();
        await _journal.SendAsync(id, async () =>
        {
            ISentDelivery sent = await sender.SendTrackedAsync(NewMessage(id, 10), stop);
            if (await sent.Outcome is not Amqp.Accepted)
                throw new LinkException("refused");
        });
    }

    private async Task TrySendAsync(int slot)
    {
        if (_senders[slot] is not { } sender)
            return;
        long id = _journal.Begin();
        await _journal.SendAsync(id, async () =>
        {
            if (!sender.TrySend(NewMessage(id, 10), out ISentDelivery? sent) || await sent.Outcome is not Amqp.Accepted)
                throw new LinkException("no credit, or refused");
        });
    }

    /// <summary>Which message of a batch was sent when it fails, nobody knows.</summary>
    private async Task SendBatchAsync(int slot, int count, CancellationToken stop)
    {
        if (_senders[slot] is not { } sender)
            return;
        long[] ids = [.. Enumerable.Range(0, count).Select(_ => _journal.Begin())];
        try
        {
            IReadOnlyList<Amqp.Outcome> outcomes = await sender.SendBatchAsync(ids.Select(id => NewMessage(id, 10)), stop);
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

    private async Task ProcessAsync(int slot, int concurrency, CancellationToken stop)
    {
        if (_receivers[slot] is not { } receiver)
            return;
        await receiver.ProcessAsync(
            (delivery, _) =>
            {
                Book(delivery);
                return default;
            },
            concurrency,
            stop);
    }

    private static Message NewMessage(long id, int size) => new(new byte[size]) { MessageId = (ulong)id };

    private async Task ReceiveAsync(int slot, CancellationToken stop)
    {
        if (_receivers[slot] is { } receiver)
            Keep(await receiver.ReceiveAsync(stop));
    }

    private async Task StreamAsync(int slot, int count, CancellationToken stop)
    {
        if (_receivers[slot] is not { } receiver || count == 0)
            return;
        await foreach (IDelivery delivery in receiver.ReceiveAllAsync(count, stop))
            Book(delivery);
    }

    private Task TakeAsync(int slot)
    {
        if (_receivers[slot] is { } receiver && receiver.TryReceive(out IDelivery? delivery))
            Keep(delivery);
        return Task.CompletedTask;
    }

    private void Keep(IDelivery delivery)
    {
        Book(delivery);
        _deliveries.Enqueue(delivery);
    }

    private void Book(IDelivery delivery) => _journal.Consumed((long)(ulong)delivery.Message.MessageId!, delivery.Message.DeliveryCount, settled: false);

    private async Task SettleAsync(int how, CancellationToken stop)
    {
        if (!_deliveries.TryDequeue(out IDelivery? delivery))
            return;
        using (delivery)
        {
            await (how switch
            {
                0 => delivery.ReleaseAsync(stop),
                1 => delivery.ModifyAsync(deliveryFailed: true, undeliverableHere: false, stop),
                _ => delivery.AcceptAsync(stop),
            });
        }
    }

    private async Task CreateSenderAsync(int slot, int value, CancellationToken stop)
    {
        ISender created = await _connection.CreateSenderAsync(_address, stop);
        ISender? old = Interlocked.Exchange(ref _senders[slot], created);
        if (old is not null && value % 2 == 0)
            await EndingHere(old).CloseAsync(stop);
        else if (old is not null)
            await EndingHere(old).DisposeAsync();
    }

    private async Task CreateReceiverAsync(int slot, int value, CancellationToken stop)
    {
        var options = new ReceiverOptions { CreditWindow = value % 3 };
        IReceiver created = await _connection.CreateReceiverAsync(_address, options, stop);
        if (options.CreditWindow == 0)
        {
            _manual.Add(created, created);
            await created.AddCreditAsync(3, stop);
        }

        if (Interlocked.Exchange(ref _receivers[slot], created) is { } old)
            await EndingHere(old).DisposeAsync();
    }

    private async Task SessionAsync(CancellationToken stop)
    {
        await using ISession session = await _connection.CreateSessionAsync(cancellationToken: stop);
        await using ISender sender = await session.CreateSenderAsync(_address, stop);
        long id = _journal.Begin();
        await _journal.SendAsync(id, () => sender.SendAsync(NewMessage(id, 10), stop));
    }

    private async Task DrainAsync(int slot, CancellationToken stop)
    {
        if (_receivers[slot] is not { } receiver)
            return;
        if (!_manual.TryGetValue(receiver, out _))
            return; // its credit is not the application's to give
        await receiver.AddCreditAsync(2, stop);
        await receiver.DrainAsync(stop);
    }

    private T EndingHere<T>(T what)
    {
        Volatile.Write(ref _isEndedHere, true);
        return what;
    }

    private Task EndLinkAsync(ILink? link, int how, CancellationToken stop) => how switch
    {
        _ when link is null => Task.CompletedTask,
        0 => EndingHere(link).DisposeAsync().AsTask(),
        1 => EndingHere(link).DetachAsync(stop).AsTask(),
        _ => EndingHere(link).CloseAsync(stop).AsTask(),
    };
}

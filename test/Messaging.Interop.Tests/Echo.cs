using System.Collections.Concurrent;
using System.Threading.Channels;

namespace Messaging.Interop.Tests;

/// <summary>What a test's listener does with links: a message sent to an address goes to whoever receives from it.</summary>
internal sealed class Echo
{
    private readonly ConcurrentDictionary<string, Channel<object?>> _bodies = new(StringComparer.Ordinal);

    public Task ServeAsync(IIncomingLink link, CancellationToken stop) =>
        link.Role is LinkRole.Receiver ? TakeAsync(link, stop) : GiveAsync(link, stop);

    private async Task TakeAsync(IIncomingLink link, CancellationToken stop)
    {
        await using var receiver = await link.AcceptReceiverAsync(cancellationToken: stop);
        await foreach (var delivery in receiver.ReceiveAllAsync(stop))
            await Bodies(receiver.Target.Address).Writer.WriteAsync(delivery.Message.Body, stop);
    }

    private async Task GiveAsync(IIncomingLink link, CancellationToken stop)
    {
        await using var sender = await link.AcceptSenderAsync(cancellationToken: stop);
        var bodies = Bodies(sender.Source.Address).Reader;
        while (await Task.WhenAny(bodies.WaitToReadAsync(stop).AsTask(), sender.Closed) != sender.Closed)
        {
            if (bodies.TryRead(out var body))
                await sender.SendAsync(new Message(body), stop);
        }
    }

    private Channel<object?> Bodies(string? address) => _bodies.GetOrAdd(address ?? "", _ => Channel.CreateUnbounded<object?>());
}

using Messaging.Amqp;

namespace Messaging.Client;

/// <summary>The overloads of link creation, which connections and sessions share.</summary>
internal abstract class LinkFactory : ILinkFactory
{
    protected abstract Connection Factory { get; }

    public ValueTask<ISender> CreateSenderAsync(CancellationToken cancellationToken = default) =>
        CreateSenderAsync(new SenderOptions { Target = new Target { Address = Factory.DefaultAddress } }, cancellationToken);

    public ValueTask<ISender> CreateSenderAsync(string address, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(address);
        return CreateSenderAsync(new SenderOptions { Target = new Target { Address = address } }, cancellationToken);
    }

    public ValueTask<ISender> CreateSenderAsync(string address, SenderOptions options, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(address);
        ArgumentNullException.ThrowIfNull(options);
        SenderOptions copy = options.Freeze();
        copy.Target = copy.Target with { Address = address };
        return CreateSenderAsync(copy, cancellationToken);
    }

    public async ValueTask<ISender> CreateSenderAsync(SenderOptions options, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(options);
        SenderOptions copy = options.Freeze();
        return await AttachAsync(
            session => new Sender(session, copy),
            cancellationToken).ConfigureAwait(false);
    }

    public ValueTask<IReceiver> CreateReceiverAsync(CancellationToken cancellationToken = default) =>
        CreateReceiverAsync(new ReceiverOptions { Source = new Source { Address = Factory.DefaultAddress } }, cancellationToken);

    public ValueTask<IReceiver> CreateReceiverAsync(string address, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(address);
        return CreateReceiverAsync(new ReceiverOptions { Source = new Source { Address = address } }, cancellationToken);
    }

    public ValueTask<IReceiver> CreateReceiverAsync(string address, ReceiverOptions options, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(address);
        ArgumentNullException.ThrowIfNull(options);
        ReceiverOptions copy = options.Freeze();
        copy.Source = copy.Source with { Address = address };
        return CreateReceiverAsync(copy, cancellationToken);
    }

    public async ValueTask<IReceiver> CreateReceiverAsync(ReceiverOptions options, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(options);
        ReceiverOptions copy = options.Freeze();
        return await AttachAsync(
            session => new Receiver(session, copy),
            cancellationToken).ConfigureAwait(false);
    }

    /// <summary>The session for a new link.</summary>
    protected abstract ValueTask<SessionEndpoint> SessionForLinkAsync(CancellationToken cancellationToken);

    private async Task<TLink> AttachAsync<TLink>(Func<SessionEndpoint, TLink> create, CancellationToken cancellationToken)
        where TLink : LinkEndpoint
    {
        cancellationToken.ThrowIfCancellationRequested();
        using CancellationTokenSource? timeout = cancellationToken.CanBeCanceled ? null : Factory.Loop.OperationTimeout();
        CancellationToken bound = timeout?.Token ?? cancellationToken;
        TLink? link = null;
        try
        {
            link = create(await SessionForLinkAsync(bound).ConfigureAwait(false));
            await Factory.Loop.InvokeAsync(link.Attach).WaitAsync(bound).ConfigureAwait(false);
            await link.Attached.WaitAsync(bound).ConfigureAwait(false);
            return link;
        }
        catch (OperationCanceledException) when (bound.IsCancellationRequested)
        {
            link?.AbandonAttach();
            cancellationToken.ThrowIfCancellationRequested();
            throw new TimeoutException($"{link?.Description ?? $"A link of connection {Factory.Loop.Settings.Name}"}: the peer did not answer the {(link is null ? "begin of its session" : "attach")} within {Factory.Loop.Settings.OperationTimeout}. Check that the peer is alive, or raise OperationTimeout.");
        }
    }
}

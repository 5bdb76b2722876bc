using Messaging.Amqp;
using Messaging.Security;

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
        try
        {
            return await AttachAsync(copy.Target.Address, session => new Sender(session, copy), cancellationToken).ConfigureAwait(false);
        }
        catch (MessagingException exception) when (copy.OnConnectionLoss == ConnectionLossBehavior.Resume && exception.Error?.Condition == ErrorCondition.NotImplemented)
        {
            // The peer knows no receiver settle mode second, and so no link that could be resumed.
            LinkLog.CannotResume(Factory.Loop.Settings.Logger, copy.Target.Address, Factory.Loop.Settings.Name, exception.Message);
            copy.OnConnectionLoss = ConnectionLossBehavior.Resend;
            return await AttachAsync(copy.Target.Address, session => new Sender(session, copy), cancellationToken).ConfigureAwait(false);
        }
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
            copy.Source.Address,
            session => new Receiver(session, copy),
            cancellationToken).ConfigureAwait(false);
    }

    /// <summary>The session for a new link.</summary>
    protected abstract ValueTask<SessionEndpoint> SessionForLinkAsync(CancellationToken cancellationToken);

    /// <summary>While the connection is being closed, links that come back may still need tokens; no others begin.</summary>
    private void Add(SessionEndpoint session, LinkEndpoint link, string? address)
    {
        if (address != Security.CbsNode.Address)
            Factory.ThrowIfStopping();
        session.Add(link);
    }

    private async Task<TLink> AttachAsync<TLink>(string? address, Func<SessionEndpoint, TLink> create, CancellationToken cancellationToken)
        where TLink : LinkEndpoint
    {
        cancellationToken.ThrowIfCancellationRequested();
        using CancellationTokenSource? timeout = cancellationToken.CanBeCanceled ? null : Factory.Loop.OperationTimeout();
        CancellationToken bound = timeout?.Token ?? cancellationToken;
        TLink? link = null;
        try
        {
            SessionEndpoint session = await SessionForLinkAsync(bound).ConfigureAwait(false);
            link = create(session);
            link.Token = Factory.Cbs is not null && TokenGate.Guards(address) ? new TokenGate(link, address!) : null;
            await Factory.Loop.InvokeAsync(() => Add(session, link, address)).WaitAsync(bound).ConfigureAwait(false);
            await link.Attached.WaitAsync(bound).ConfigureAwait(false);
            return link;
        }
        catch (OperationCanceledException) when (bound.IsCancellationRequested)
        {
            link?.AbandonAttach();
            cancellationToken.ThrowIfCancellationRequested();
            throw new TimeoutException($"{link?.Description ?? $"A link of connection {Factory.Loop.Settings.Name}"}: {(link is null ? "the peer did not answer the begin of its session" : link.Token is { IsAsking: true } ? "the token provider or the peer's $cbs node did not answer" : "the peer did not answer the attach")} within {Factory.Loop.Settings.OperationTimeout}. Check that the peer is alive, or raise OperationTimeout.");
        }
    }
}

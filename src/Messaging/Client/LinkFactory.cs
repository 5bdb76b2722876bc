using Messaging.Amqp;
using Messaging.Security;

namespace Messaging.Client;

/// <summary>The overloads of link creation, which connections and sessions share.</summary>
internal abstract class LinkFactory : ILinkFactory
{
    private static readonly Symbol AddressKey = "address";

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
        string? wanted = copy.Target.Address;
        try
        {
            return await FollowAsync(wanted, AttachSenderAsync, cancellationToken).ConfigureAwait(false);
        }
        catch (MessagingException exception) when (copy.OnConnectionLoss == ConnectionLossBehavior.Resume && exception.Error?.Condition == ErrorCondition.NotImplemented)
        {
            // The peer knows no receiver settle mode second, and so no link that could be resumed.
            LinkLog.CannotResume(Factory.Loop.Settings.Logger, copy.Target.Address, Factory.Loop.Settings.Name, exception.Message);
            copy.OnConnectionLoss = ConnectionLossBehavior.Resend;
            return await FollowAsync(wanted, AttachSenderAsync, cancellationToken).ConfigureAwait(false);
        }

        Task<Sender> AttachSenderAsync(LinkFactory where, string? address)
        {
            copy.Target = copy.Target with { Address = address };
            return where.AttachAsync(address, session => new Sender(session, copy), cancellationToken);
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
        return await FollowAsync(copy.Source.Address, AttachReceiverAsync, cancellationToken).ConfigureAwait(false);

        Task<Receiver> AttachReceiverAsync(LinkFactory where, string? address)
        {
            copy.Source = copy.Source with { Address = address };
            return where.AttachAsync(address, session => new Receiver(session, copy), cancellationToken);
        }
    }

    /// <summary>The session for a new link.</summary>
    protected abstract ValueTask<SessionEndpoint> SessionForLinkAsync(CancellationToken cancellationToken);

    /// <summary>Attaches a link here, or where the server sends it on to (<c>amqp:link:redirect</c>, part 2, 2.8.18).</summary>
    private async Task<TLink> FollowAsync<TLink>(string? address, Func<LinkFactory, string?, Task<TLink>> attach, CancellationToken cancellationToken)
    {
        LinkFactory where = this;
        for (int redirects = 0; ; redirects++)
        {
            try
            {
                return await attach(where, address).ConfigureAwait(false);
            }
            catch (MessagingException exception) when (exception.Error is { } error && error.Condition == ErrorCondition.LinkRedirect && redirects < Factory.MaxLinkRedirects)
            {
                if (await where.Factory.FollowAsync(error, cancellationToken).ConfigureAwait(false) is not { } connection)
                    throw;
                where = connection == where.Factory ? where : connection;
                address = error.Info?.GetValueOrDefault(AddressKey) as string ?? address;
            }
        }
    }

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
            link.Token = TokenGate.Guards(address) ? new TokenGate(link, address!) : null;
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

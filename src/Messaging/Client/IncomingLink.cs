using Messaging.Amqp;
using Messaging.Amqp.Engine;
using Messaging.Amqp.Framing;

namespace Messaging.Client;

/// <summary>A link that the peer attached, to be accepted or refused once.</summary>
internal sealed class IncomingLink : IIncomingLink
{
    private readonly SessionEndpoint _session;
    private readonly Link _link;
    private readonly Attach _attach;
    private CancellationTokenSource? _decided;
    private int _isDecided;

    public IncomingLink(SessionEndpoint session, Link link, in Attach attach)
    {
        _session = session;
        _link = link;
        _attach = attach;
        Role = link is SendingLink ? LinkRole.Sender : LinkRole.Receiver;
        Place = new LinkedListNode<IncomingLink>(this);
    }

    public LinkRole Role { get; }

    public string Name => _attach.Name;

    public Source? Source => _attach.Source;

    public Target? Target => _attach.Target as Target;

    public SenderSettleMode SenderSettleMode => _attach.SndSettleMode ?? SenderSettleMode.Mixed;

    public ReceiverSettleMode ReceiverSettleMode => _attach.RcvSettleMode ?? ReceiverSettleMode.First;

    public IReadOnlyDictionary<Symbol, object?> RemoteProperties => _attach.Properties ?? Empty.Fields;

    public IReadOnlyList<Symbol> RemoteOfferedCapabilities => _attach.OfferedCapabilities ?? [];

    public IReadOnlyList<Symbol> RemoteDesiredCapabilities => _attach.DesiredCapabilities ?? [];

    public IReadOnlyDictionary<ReadOnlyMemory<byte>, DeliveryState?>? Unsettled => field ??= UnsettledTags.FromWire(_attach.Unsettled);

    public bool IsUnsettledIncomplete => _attach.IncompleteUnsettled == true;

    public IConnection Connection => _session.Connection;

    public SessionEndpoint Session => _session;

    /// <summary>Its place among those that the application has not seen yet.</summary>
    public LinkedListNode<IncomingLink> Place { get; }

    /// <summary>When it is refused, in milliseconds of the loop's clock.</summary>
    public long Deadline { get; init; }

    public async ValueTask<ISender> AcceptSenderAsync(IncomingSenderOptions? options = null, CancellationToken cancellationToken = default)
    {
        cancellationToken.ThrowIfCancellationRequested();
        IncomingSenderOptions copy = (options ?? new IncomingSenderOptions()).Freeze();
        IReadOnlyDictionary<object, object?>? unsettled = UnsettledTags.ToWire(copy.Unsettled);
        Decide(LinkRole.Sender);
        return await AcceptedAsync(_session.Owner.Loop.InvokeAsync(() => AcceptSender(copy, unsettled)), cancellationToken).ConfigureAwait(false);
    }

    public async ValueTask<IReceiver> AcceptReceiverAsync(IncomingReceiverOptions? options = null, CancellationToken cancellationToken = default)
    {
        cancellationToken.ThrowIfCancellationRequested();
        IncomingReceiverOptions copy = (options ?? new IncomingReceiverOptions()).Freeze();
        IReadOnlyDictionary<object, object?>? unsettled = UnsettledTags.ToWire(copy.Unsettled);
        Decide(LinkRole.Receiver);
        return await AcceptedAsync(_session.Owner.Loop.InvokeAsync(() => AcceptReceiver(copy, unsettled)), cancellationToken).ConfigureAwait(false);
    }

    public async ValueTask RefuseAsync(AmqpError error, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(error);
        Encodable.Require(error);
        Decide(Role);
        await _session.Owner.Loop.InvokeAsync(() => Refuse(error)).WaitAsync(cancellationToken).ConfigureAwait(false);
    }

    /// <summary>Cancelled when it is decided about, or gone. Owned by the loop.</summary>
    public CancellationToken Decided => (_decided ??= new CancellationTokenSource()).Token;

    /// <summary>It is decided about, or gone. Runs on the loop, so what hangs on the token does not.</summary>
    public void OnDecided() => _ = _decided?.CancelAsync();

    /// <summary>What it asks for, for the application's hook.</summary>
    public LinkAuthorization Wish(string identity, string? hostname)
    {
        Terminus? terminus = Role == LinkRole.Sender ? Source : Target;
        return new LinkAuthorization
        {
            Identity = identity,
            Role = Role,
            Address = terminus?.Address,
            IsDynamic = terminus?.Dynamic ?? false,
            Hostname = hostname,
        };
    }

    /// <summary>Refuses it unless the application was quicker. Runs on the loop.</summary>
    public void RefuseNow(AmqpError error)
    {
        if (Interlocked.Exchange(ref _isDecided, 1) == 0)
            Refuse(error);
    }

    /// <summary>A link that was accepted for a caller who does not wait any more is nobody's: it is closed.</summary>
    private static async Task<T> AcceptedAsync<T>(Task<T> accepting, CancellationToken cancellationToken)
        where T : LinkEndpoint
    {
        try
        {
            return await accepting.WaitAsync(cancellationToken).ConfigureAwait(false);
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            _ = accepting.ContinueWith(
                static accepted => accepted.Result.AbandonAttach(), CancellationToken.None, TaskContinuationOptions.OnlyOnRanToCompletion, TaskScheduler.Default);
            throw;
        }
    }

    private void Decide(LinkRole role)
    {
        if (role != Role)
            throw new InvalidOperationException($"The incoming link '{PeerText.Escape(Name)}' makes this side a {Role}: accept it with Accept{Role}Async.");
        if (Interlocked.Exchange(ref _isDecided, 1) != 0)
            throw new InvalidOperationException($"The incoming link '{PeerText.Escape(Name)}' was decided already, or the time to decide has run out.");
    }

    private Sender AcceptSender(IncomingSenderOptions options, IReadOnlyDictionary<object, object?>? unsettled)
    {
        RequireLive();
        var sender = new Sender(_session, new SenderOptions { Name = Name, SettleMode = SenderSettleMode, ReceiverSettleMode = ReceiverSettleMode });
        Attach answer = Answer(options.Source, options.Target, options.OfferedCapabilities, options.Properties);
        answer.InitialDeliveryCount = 0;
        answer.Unsettled = unsettled;
        return Adopt(sender, () => sender.Adopt((SendingLink)_link, answer, options.ManualDrain));
    }

    private Receiver AcceptReceiver(IncomingReceiverOptions options, IReadOnlyDictionary<object, object?>? unsettled)
    {
        RequireLive();
        var receiver = new Receiver(_session, new ReceiverOptions
        {
            Name = Name,
            CreditWindow = options.CreditWindow,
            AutoAccept = options.AutoAccept,
            SettleMode = ReceiverSettleMode,
        });
        Attach answer = Answer(options.Source, options.Target, options.OfferedCapabilities, options.Properties);
        answer.Unsettled = unsettled;
        answer.MaxMessageSize = options.MaxMessageSize == 0 ? null : (ulong)options.MaxMessageSize;
        return Adopt(receiver, () => receiver.Adopt((ReceivingLink)_link, answer, options.InitialCredit));
    }

    /// <summary>A link whose attach cannot be answered as the application wants must not be left hanging: the peer learns it.</summary>
    private T Adopt<T>(T endpoint, Action adopt)
        where T : LinkEndpoint
    {
        try
        {
            adopt();
            return endpoint;
        }
        catch (Exception exception)
        {
            LinkException cause = LinkErrors.NotAttached(endpoint, exception);
            _session.Links.Remove(endpoint);
            _link.Owner = null;
            _link.Refuse(cause.Error ?? new AmqpError(ErrorCondition.InternalError, "the link could not be accepted"));
            throw cause;
        }
    }

    private Attach Answer(Source? source, Target? target, IReadOnlyList<Symbol> capabilities, IReadOnlyDictionary<Symbol, object?>? properties) => new()
    {
        Name = Name,
        SndSettleMode = _attach.SndSettleMode,
        RcvSettleMode = _attach.RcvSettleMode,
        Source = source ?? Source ?? new Source(),
        Target = target ?? Target ?? new Target(),
        OfferedCapabilities = capabilities.ToArrayOrNull(),
        Properties = properties,
    };

    private void Refuse(AmqpError error)
    {
        if (_session.Owner.Forget(this))
            _link.Refuse(error);
    }

    private void RequireLive()
    {
        if (!_session.Owner.Forget(this))
            throw new LinkException($"The incoming link '{PeerText.Escape(Name)}' was detached by the peer, or its session or connection was lost, before it was accepted.");
    }
}

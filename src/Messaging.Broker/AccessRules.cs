namespace Messaging.Broker;

/// <summary>The broker's copy of the options about who may do what.</summary>
internal sealed class AccessRules(BrokerOptions options)
{
    public Func<LinkAuthorization, CancellationToken, ValueTask<bool>>? AuthorizeLink { get; } = options.Listener.AuthorizeLink;

    public TimeSpan DecisionTimeout { get; } = options.Listener.DecisionTimeout;

    public bool AllowForeignUserId { get; } = options.AllowForeignUserId;

    public TimeProvider TimeProvider { get; } = options.TimeProvider;
}

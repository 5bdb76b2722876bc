namespace Messaging.Tests.Security;

/// <summary>A client's mechanism that does what a test says.</summary>
internal sealed class ScriptedMechanism : ISaslClientMechanism, ISaslClientExchange
{
    public string Name => "X-SCRIPT";

    public bool RequiresEncryption => false;

    public Func<CancellationToken, ValueTask<byte[]?>> OnStart { get; init; } = _ => new ValueTask<byte[]?>([]);

    public Func<ReadOnlyMemory<byte>, CancellationToken, ValueTask<byte[]>> OnRespond { get; init; } = (_, _) => new ValueTask<byte[]>([]);

    public Action OnComplete { get; init; } = () => { };

    public Action OnDispose { get; init; } = () => { };

    public ISaslClientExchange? TryStart(SaslClientContext context, out string? problem)
    {
        problem = null;
        return this;
    }

    public ValueTask<byte[]?> StartAsync(CancellationToken cancellationToken) => OnStart(cancellationToken);

    public ValueTask<byte[]> RespondAsync(ReadOnlyMemory<byte> challenge, CancellationToken cancellationToken) => OnRespond(challenge, cancellationToken);

    public void Complete(ReadOnlyMemory<byte> additionalData) => OnComplete();

    public void Dispose() => OnDispose();
}

/// <summary>A listener's mechanism that does what a test says.</summary>
internal sealed class ScriptedServerMechanism : ISaslServerMechanism, ISaslServerExchange
{
    public string Name { get; init; } = "X-SCRIPT";

    public bool RequiresEncryption => false;

    public Func<bool> OnUsable { get; init; } = () => true;

    public Func<ReadOnlyMemory<byte>?, CancellationToken, ValueTask<SaslServerStep>> OnStep { get; init; } = (_, _) => new ValueTask<SaslServerStep>(SaslServerStep.Success("script"));

    public Action OnDispose { get; init; } = () => { };

    public SaslServerContext? Context { get; private set; }

    public bool IsUsable(SaslServerContext context) => OnUsable();

    public ISaslServerExchange Start(SaslServerContext context)
    {
        Context = context;
        return this;
    }

    public ValueTask<SaslServerStep> StepAsync(ReadOnlyMemory<byte>? response, CancellationToken cancellationToken) => OnStep(response, cancellationToken);

    public void Dispose() => OnDispose();
}

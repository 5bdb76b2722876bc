using Messaging.Amqp;
using Messaging.Amqp.Engine;
using Messaging.Amqp.Framing;
using Messaging.Loop;
using Messaging.Transport;

namespace Messaging.Security;

/// <summary>
/// What both sides of an exchange share: a mechanism's steps run off the loop, one after the other, and their answers are posted to it.
/// Belongs to one engine: after <see cref="Stop"/> no answer reaches that one or its successor.
/// </summary>
internal abstract class SaslExchange(ConnectionLoop loop) : ISaslExchange
{
    /// <summary>More steps than any mechanism takes; a peer must not keep us hashing.</summary>
    public const int MaxSteps = 20;

    /// <summary>The most bytes of one challenge or response that we send.</summary>
    public const int MaxLength = 65_536;

    private readonly CancellationTokenSource _ended = new();
    private Task _running = Task.CompletedTask;
    private bool _isOver;
    private int _steps;

    protected ConnectionLoop Loop { get; } = loop;

    protected ConnectionEngine Engine { get; } = loop.Engine!;

    protected ITransport Transport { get; } = loop.Transport!;

    /// <summary>The connection, for logs and errors.</summary>
    protected string Name { get; } = loop.Settings.Name;

    public virtual void OnMechanisms(Symbol[] offered) => throw NotOurs();

    public virtual void OnInit(in SaslInit init) => throw NotOurs();

    public virtual void OnChallenge(ReadOnlySpan<byte> challenge) => throw NotOurs();

    public virtual void OnResponse(ReadOnlySpan<byte> response) => throw NotOurs();

    public virtual void OnOutcome(byte code, ReadOnlyMemory<byte> additionalData) => throw NotOurs();

    public void Stop()
    {
        if (_isOver)
            return;
        _isOver = true;
        _ = EndAsync();
    }

    /// <summary>Runs a step of the mechanism off the loop, then its answer, or <see cref="OnFault"/>, on the loop.</summary>
    protected void Run<T>(Func<CancellationToken, ValueTask<T>> step, Action<T> answer)
    {
        if (++_steps > MaxSteps)
            OnFault(new SaslException(SaslFailure.ProtocolViolation, $"The exchange takes more than {MaxSteps} steps."));
        else
            _running = Task.Run(() => RunAsync(step, answer));
    }

    /// <summary>A step has thrown. Runs on the loop.</summary>
    protected abstract void OnFault(Exception exception);

    /// <summary>Gives the mechanism's exchange back. Runs off the loop, when no step is running.</summary>
    protected abstract void Release();

    /// <summary>Whether bytes of a mechanism may be sent.</summary>
    /// <exception cref="SaslException">They are too many.</exception>
    protected static void RequireLength(int length)
    {
        if (length > MaxLength)
            throw new SaslException(SaslFailure.MechanismFailed, $"The mechanism made a message of {length} bytes; the limit is {MaxLength}.");
    }

    private async Task RunAsync<T>(Func<CancellationToken, ValueTask<T>> step, Action<T> answer)
    {
        Action then;
        try
        {
            T result = await step(_ended.Token).ConfigureAwait(false);
            then = () => answer(result);
        }
        catch (Exception exception)
        {
            then = () => OnFault(exception);
        }

        Loop.Post(new Answer(this, then));
    }

    private async Task EndAsync()
    {
        try
        {
            await _ended.CancelAsync().ConfigureAwait(false); // what the application registered on the token runs off the loop
            await _running.ConfigureAwait(false);
            await Task.Run(Release).ConfigureAwait(false);
        }
        catch (Exception exception)
        {
            SecurityLog.CleanUpFailed(Loop.Settings.Logger, Name, exception.GetType().Name);
        }
    }

    private static InvalidOperationException NotOurs() => new("The engine passed a SASL frame to the wrong side.");

    private sealed class Answer(SaslExchange exchange, Action answer) : ILoopCommand
    {
        public void Execute()
        {
            if (!exchange._isOver)
                answer();
        }

        public void Abandon(MessagingException reason)
        {
        }
    }
}

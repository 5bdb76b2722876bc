using Messaging.Amqp;
using Messaging.Client;
using Messaging.Recovery;

namespace Messaging.Tests.Support;

/// <summary>Recovers what ended for a passing reason, when the test opens the next line.</summary>
internal sealed class TestSupervisor(TimeProvider? time = null) : ISupervisor
{
    private readonly TaskCompletionSource<CloseReason> _lost = new(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <summary>Completes when the first line is lost.</summary>
    public Task<CloseReason> Lost => _lost.Task;

    public bool ShouldRecover(CloseReason reason) => reason.Exception is { IsTransient: true };

    public void OnOpened()
    {
    }

    public void Recover(CloseReason reason) => _lost.TrySetResult(reason);

    public BackOff CreateBackOff() => new(new OwnDelay(static () => TimeSpan.Zero), TimeSpan.FromSeconds(5), time ?? TimeProvider.System);

    public OfflineRoom CreateRoom() => new(1000, 1000_000);

    public int MaxRedirects => 0;

    public ValueTask<Connection?> FollowAsync(AmqpError error, CancellationToken cancellationToken) => default;

    public IReadOnlyCollection<Connection> Redirected => [];

    public Task CloseRedirectsAsync(bool waits) => Task.CompletedTask;

    public void Stop()
    {
    }

    private sealed class OwnDelay(Func<TimeSpan> next) : IReconnectDelay
    {
        public void Reset()
        {
        }

        public TimeSpan Next() => next();
    }
}

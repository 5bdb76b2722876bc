using Messaging.Client;
using Messaging.Testing.Leaks;
using Messaging.Tests.Support;

namespace Messaging.Tests.Client;

/// <summary>The connection that all callers of a client share.</summary>
public sealed class SharedConnectionFailureTests
{
    [Fact]
    public async Task Get_EveryCallerHasLeftWhenItFails_LeavesNoUnobservedException()
    {
        UnobservedExceptions unobserved = UnobservedExceptions.Start();
        string url = TestPair.UniqueUrl();

        await UnobservedExceptions.CollectedAsync(await LeaveAsync(url));

        unobserved.AssertNone(url);
    }

    private static async Task<WeakReference> LeaveAsync(string url)
    {
        var opening = new TaskCompletionSource<IConnection>();
        var asked = new TaskCompletionSource();
        using var stop = new CancellationTokenSource();
        var shared = new SharedConnection(_ =>
        {
            asked.TrySetResult();
            return new ValueTask<IConnection>(opening.Task);
        });
        Task<IConnection> getting = shared.GetAsync(stop.Token).AsTask();
        await asked.Task.Bounded();

        await stop.CancelAsync();
        await getting.ThrowsAny<OperationCanceledException>();

        opening.SetException(new InvalidOperationException(url));
        return new WeakReference(opening.Task);
    }
}

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

    /// <summary>The application's own code on one of our tokens keeps nothing from its end.</summary>
    [Fact]
    public async Task Dispose_CallbackOnTheTokenThrows_ClosesTheRestAllTheSame()
    {
        var asked = new TaskCompletionSource();
        string url = TestPair.UniqueUrl();
        var client = new MessagingClient(new MessagingClientOptions
        {
            Connection = new ConnectionOptions
            {
                Url = url,
                CredentialProvider = CredentialProvider.Create(async (_, token) =>
                {
                    token.Register(static () => throw new InvalidOperationException("a callback"));
                    asked.SetResult();
                    await new TaskCompletionSource().Task.WaitAsync(token);
                    return null;
                }),
            },
        });
        IListener listener = await client.ListenAsync(url, BoundedWaits.Stop);
        Task<IConnection> getting = client.GetConnectionAsync(BoundedWaits.Stop).AsTask();
        await asked.Task.Bounded();

        await client.DisposeAsync().Bounded();

        await getting.ThrowsAny<Exception>();
        await using MessagingClient next = new();
        await (await next.ListenAsync(url, BoundedWaits.Stop)).DisposeAsync(); // the address is free
        await listener.DisposeAsync();
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

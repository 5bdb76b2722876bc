using Messaging.Testing.Leaks;
using Messaging.Tests.Support;
using Microsoft.Extensions.Time.Testing;

namespace Messaging.Tests.Security;

/// <summary>A provider of the application that fails when nobody waits for it any more: its exception is nobody's, and is not reported as unobserved.</summary>
public sealed class LateProviderTests
{
    [Fact]
    public async Task CredentialProvider_FailsAfterItWasGivenUp_LeavesNoUnobservedException()
    {
        UnobservedExceptions unobserved = UnobservedExceptions.Start();
        string url = TestPair.UniqueUrl();

        await UnobservedExceptions.CollectedAsync(await GiveUpCredentialsAsync(url));

        unobserved.AssertNone(url);
    }

    [Fact]
    public async Task TokenProvider_FailsAfterItWasGivenUp_LeavesNoUnobservedException()
    {
        UnobservedExceptions unobserved = UnobservedExceptions.Start();
        string url = TestPair.UniqueUrl();

        await UnobservedExceptions.CollectedAsync(await GiveUpTokenAsync(url));

        unobserved.AssertNone(url);
    }

    private static async Task<WeakReference> GiveUpCredentialsAsync(string url)
    {
        var time = new FakeTimeProvider();
        var late = new TaskCompletionSource<SaslCredentials?>();
        await using var client = new MessagingClient(new MessagingClientOptions { TimeProvider = time });
        var options = new ConnectionOptions { Url = url, Reconnect = false, ConnectTimeout = Timeout.InfiniteTimeSpan, CredentialProvider = CredentialProvider.Create((_, _) => new ValueTask<SaslCredentials?>(late.Task)) };
        Task<IConnection> connecting = client.ConnectAsync(options, BoundedWaits.Stop).AsTask();

        await time.PassUntilAsync(connecting, TimeSpan.FromSeconds(5));
        await connecting.Throws<SaslException>();

        late.SetException(new InvalidOperationException(url));
        return new WeakReference(late.Task);
    }

    private static async Task<WeakReference> GiveUpTokenAsync(string url)
    {
        var asked = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var late = new TaskCompletionSource<CbsToken>();
        await using CbsServer server = await CbsServer.StartAsync();
        IConnection connection = await server.ConnectAsync(new CbsOptions
        {
            TokenProvider = (_, _) =>
            {
                asked.TrySetResult();
                return new ValueTask<CbsToken>(late.Task);
            },
        });
        Task<ISender> creating = connection.CreateSenderAsync("a", BoundedWaits.Stop).AsTask();
        await asked.Task.Bounded();

        await connection.DisposeAsync();
        await creating.ThrowsAny<Exception>();

        late.SetException(new InvalidOperationException(url));
        return new WeakReference(late.Task);
    }
}

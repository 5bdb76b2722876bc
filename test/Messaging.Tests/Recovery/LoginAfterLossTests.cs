using System.Collections.Concurrent;
using Messaging.Tests.Support;

namespace Messaging.Tests.Recovery;

/// <summary>A login that fails while a lost connection is opened again: for good, which ends it with that cause, or for a while, which does not.</summary>
public class LoginAfterLossTests
{
    [Theory]
    [InlineData(1, SaslFailure.CredentialsRefused)]
    [InlineData(2, SaslFailure.ServerFault)]
    [InlineData(3, SaslFailure.ServerFault)]
    public async Task Lost_LoginRefusedForGood_EndsItWithThatCause(byte outcome, SaslFailure failure)
    {
        await using RawServer server = await RawServer.OpenAsync(AtOnce());
        ISender sender = await server.SenderAsync();
        Task waiting = sender.SendAsync(new Message("x"), BoundedWaits.Stop).AsTask();
        var changes = new ConcurrentQueue<ConnectionStateChangedEventArgs>();
        var errors = new ConcurrentQueue<MessagingErrorEventArgs>();
        server.Connection.StateChanged += (_, change) => changes.Enqueue(change);
        server.Connection.ErrorOccurred += (_, error) => errors.Enqueue(error);

        await server.Peer.DisposeAsync();
        await RefuseNextAsync(server, outcome);

        SaslException cause = Assert.IsType<SaslException>((await server.Connection.Closed.Bounded()).Exception);
        Assert.Equal((failure, false), (cause.Failure, cause.IsTransient));
        await BoundedWaits.UntilAsync(() => changes.Any(change => change.Current == ConnectionState.Faulted) && errors.Count == 2);
        Assert.Equal([ConnectionState.Reconnecting, ConnectionState.Faulted], changes.Select(change => change.Current));
        Assert.Same(cause, changes.Last().Cause);
        Assert.Equal([(ErrorScope.Transport, true), (ErrorScope.Connection, false)], errors.Select(error => (error.Scope, error.IsRecovering)));
        Assert.Same(cause, errors.Last().Exception);
        Assert.Contains("not sent", (await waiting.ThrowsAny<MessagingException>()).Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Lost_LoginFailsForAWhile_IsTriedAgain()
    {
        await using RawServer server = await RawServer.OpenAsync(AtOnce());
        var causes = new ConcurrentQueue<MessagingException?>();
        server.Connection.StateChanged += (_, change) => causes.Enqueue(change.Cause);

        await server.Peer.DisposeAsync();
        await RefuseNextAsync(server, outcome: 4);
        await RefuseNextAsync(server, outcome: 4);
        await server.AcceptOpenAsync();

        await server.StateAsync(ConnectionState.Connected);
        await BoundedWaits.UntilAsync(() => causes.Count == 4);
        Assert.Equal([null, SaslFailure.ServerUnavailable, SaslFailure.ServerUnavailable, null], causes.Select(cause => (cause as SaslException)?.Failure));
    }

    [Fact]
    public async Task Lost_ProviderFailsForGood_EndsItWithThatCause()
    {
        var own = new SaslException(SaslFailure.CredentialsUnavailable, "the account is locked", isTransient: false);
        await using RawServer server = await RawServer.OpenAsync(WithProvider(call => call == 1 ? null : throw own));

        await server.Peer.DisposeAsync();

        Assert.Same(own, (await server.Connection.Closed.Bounded()).Exception);
        Assert.Equal(ConnectionState.Faulted, server.Connection.State);
    }

    [Fact]
    public async Task Lost_ProviderFailsForAWhile_IsAskedAgain()
    {
        int asked = 0;
        await using RawServer server = await RawServer.OpenAsync(WithProvider(call => (asked = call) is 2 or 3 ? throw new InvalidDataException("the secret is s3cret") : null));
        var causes = new ConcurrentQueue<MessagingException?>();
        server.Connection.StateChanged += (_, change) => causes.Enqueue(change.Cause);

        await server.Peer.DisposeAsync();
        await server.AcceptOpenAsync();

        await server.StateAsync(ConnectionState.Connected);
        Assert.Equal(4, asked);
        await BoundedWaits.UntilAsync(() => causes.Count == 4);
        Assert.DoesNotContain(causes, cause => cause?.ToString().Contains("s3cret", StringComparison.Ordinal) == true);
    }

    private static async Task RefuseNextAsync(RawServer server, byte outcome)
    {
        await using RawPeer peer = await server.AcceptAsync();
        await peer.LogInAsServerAsync(outcome: outcome);
        await peer.ReadToEndAsync();
    }

    private static ConnectionOptions AtOnce() => new() { Recovery = { Delay = new OwnDelay(() => TimeSpan.Zero) } };

    private static ConnectionOptions WithProvider(Func<int, SaslCredentials?> get)
    {
        int calls = 0;
        ConnectionOptions options = AtOnce();
        options.CredentialProvider = CredentialProvider.Create((_, _) => new ValueTask<SaslCredentials?>(get(Interlocked.Increment(ref calls))));
        return options;
    }
}

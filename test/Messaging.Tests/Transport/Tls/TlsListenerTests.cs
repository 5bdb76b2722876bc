using System.Net.Security;
using System.Net.Sockets;
using System.Security.Authentication;
using Messaging.Tests.Support;
using Microsoft.Extensions.Time.Testing;

namespace Messaging.Tests.Transport.Tls;

/// <summary>A listener whose peers stall, vanish or do not speak TLS: nothing of that may touch the others.</summary>
public sealed class TlsListenerTests
{
    private static readonly byte[] StartOfHello = [22, 3, 1, 2, 0, 1, 0, 1, 252, 3, 3];

    [Theory]
    [InlineData(TlsMode.Direct, 0)]
    [InlineData(TlsMode.Direct, 3)]
    [InlineData(TlsMode.Direct, 11)]
    [InlineData(TlsMode.InBand, 0)]
    [InlineData(TlsMode.InBand, 5)]
    [InlineData(TlsMode.InBand, 12)]
    public async Task Handshake_Stalls_IsCutAfterTheTimeout(TlsMode mode, int sent)
    {
        var time = new FakeTimeProvider();
        await using var testing = new TlsTesting(time);
        IListener listener = await testing.ListenAsync(options => options.Tls!.Mode = mode);
        Socket socket = await testing.DialAsync(listener);
        byte[] start = mode == TlsMode.Direct ? StartOfHello : [.. "AMQP\u0002\u0001\0\0"u8, .. StartOfHello];
        await socket.SendAsync(start.AsMemory(0, sent), BoundedWaits.Stop);
        if (mode == TlsMode.InBand && sent > 8)
            Assert.Equal(8, (await socket.ReadAsync(8)).Length); // the answer to the header: the handshake has begun

        Task<byte[]> reading = socket.ReadToEndAsync();
        await time.PassUntilAsync(reading, TimeSpan.FromSeconds(1));

        Assert.Empty(await reading);
        Assert.Contains("took longer than 00:00:15", await testing.LoggedAsync(4101), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Handshake_TlsTookMostOfTheTime_LeavesTheRestToAmqp()
    {
        var time = new FakeTimeProvider();
        DateTimeOffset start = time.GetUtcNow();
        await using var testing = new TlsTesting(time);
        IListener listener = await testing.ListenAsync(options =>
        {
            options.HandshakeTimeout = TimeSpan.FromHours(1);
            options.Tls!.Mode = TlsMode.InBand; // whose answer tells that the time runs
        });
        Socket socket = await testing.DialAsync(listener);
        await socket.SendAsync("AMQP\u0002\u0001\0\0"u8.ToArray(), BoundedWaits.Stop);
        await socket.ReadAsync(8);

        time.Advance(TimeSpan.FromMinutes(50));
        using var stream = new SslStream(new NetworkStream(socket));
        await stream.AuthenticateAsClientAsync(TrustAll(), BoundedWaits.Stop).Bounded();
        await stream.WriteAsync("AMQP\u0003\u0001\0\0"u8.ToArray(), BoundedWaits.Stop);
        await stream.ReadExactlyAsync(new byte[8], BoundedWaits.Stop).Bounded(); // AMQP has begun
        time.Advance(TimeSpan.FromMinutes(9));
        var rest = new MemoryStream();
        Task reading = stream.CopyToAsync(rest, BoundedWaits.Stop);
        await time.PassUntilAsync(reading, TimeSpan.FromMilliseconds(10)); // small steps: the loop may set its timer late

        Assert.InRange(time.GetUtcNow() - start, TimeSpan.FromMinutes(59.9), TimeSpan.FromMinutes(90));
    }

    [Fact]
    public async Task Handshake_Stalls_CountsAmongTheConnections()
    {
        await using var testing = new TlsTesting();
        IListener listener = await testing.ListenAsync(options => (options.Url, options.MaxConnections) = ("amqps://127.0.0.1:0", 1));
        Socket stalling = await testing.DialAsync(listener);
        await stalling.SendAsync(StartOfHello.AsMemory(), BoundedWaits.Stop);
        await testing.LoggedAsync(4003);

        await testing.FailsAsync<MessagingConnectionException>(listener.Url);
        Assert.Contains("its limit", await testing.LoggedAsync(1101), StringComparison.Ordinal);

        stalling.Reset();
        await testing.LoggedAsync(4101);
        (IConnection connection, _, _) = await testing.ConnectAsync(listener, more: options => options.Reconnect = true); // the place is free a moment later
        await connection.DisposeAsync();
    }

    [Fact]
    public async Task Handshake_OneStalls_TwoHundredOthersGoOn()
    {
        const int Count = 200;
        await using var testing = new TlsTesting();
        IListener listener = await testing.ListenAsync(options => (options.Url, options.HandshakeTimeout) = ("amqps://localhost:0", Timeout.InfiniteTimeSpan));
        Socket stalling = await testing.DialAsync(listener);
        await stalling.SendAsync(StartOfHello.AsMemory(), BoundedWaits.Stop);
        Task accepting = BoundedWaits.Run(async () =>
        {
            await foreach (IIncomingConnection incoming in listener.AcceptAllAsync(BoundedWaits.Stop).Take(Count))
                await incoming.AcceptAsync(BoundedWaits.Stop);
        });

        IConnection[] connections = await Task.WhenAll(Enumerable.Range(0, Count).Select(_ => ConnectAsync())).Bounded();

        await accepting.Bounded();
        Assert.All(connections, connection => Assert.Equal(ConnectionState.Connected, connection.State));
        Assert.DoesNotContain(testing.Log.Lines, line => line.Id == 4101);
        await Task.WhenAll(connections.Select(connection => connection.DisposeAsync().AsTask())).Bounded();

        Task<IConnection> ConnectAsync()
        {
            ConnectionOptions options = testing.Options(listener.Url);
            options.HandshakeTimeout = Timeout.InfiniteTimeSpan; // a slow machine is no stall
            return testing.Client.ConnectAsync(options, BoundedWaits.Stop).AsTask();
        }
    }

    [Theory]
    [InlineData(0, false)]
    [InlineData(0, true)]
    [InlineData(3, false)]
    [InlineData(3, true)]
    [InlineData(11, false)]
    [InlineData(11, true)]
    public async Task Handshake_PeerGoesAway_ListenerGoesOn(int sent, bool isReset)
    {
        await using var testing = new TlsTesting();
        IListener listener = await testing.ListenAsync();
        Socket socket = await testing.DialAsync(listener);
        await socket.SendAsync(StartOfHello.AsMemory(0, sent), BoundedWaits.Stop);
        await testing.LoggedAsync(4003);

        if (isReset) socket.Reset();
        else socket.Dispose();

        Assert.Matches("during the TLS handshake", await testing.LoggedAsync(4101));
        (IConnection connection, _, _) = await testing.ConnectAsync(listener);
        await connection.DisposeAsync();
    }

    [Fact]
    public async Task Handshake_PeerSpeaksAmqp_SaysThatItIsNoTls()
    {
        await using var testing = new TlsTesting();
        IListener listener = await testing.ListenAsync();
        Socket socket = await testing.DialAsync(listener);

        await socket.SendAsync("AMQP\u0003\u0001\0\0"u8.ToArray(), BoundedWaits.Stop);

        Assert.Contains("does not speak TLS: it sent 'AMQP\\x03\\x01\\x00\\x00'. It may be an amqp port or client", await testing.LoggedAsync(4101), StringComparison.Ordinal);
        Assert.DoesNotContain((byte)'A', await socket.ReadToEndAsync()); // nothing of AMQP comes back in clear text
    }

    [Fact]
    public async Task Handshake_PeerSendsAnAlert_NamesIt()
    {
        await using var testing = new TlsTesting();
        IListener listener = await testing.ListenAsync();
        byte[] unknownCa = [21, 3, 3, 0, 2, 2, 48]; // .NET's own client sends no alert when it refuses a certificate
        using var stream = new SslStream(new RecordingStream(new NetworkStream(await testing.DialAsync(listener)), unknownCa));
        SslClientAuthenticationOptions options = TrustAll();
        options.EnabledSslProtocols = SslProtocols.Tls12; // an alert in clear text is in its place there

        Task handshake = stream.AuthenticateAsClientAsync(options, BoundedWaits.Stop);

        Assert.Contains("the peer ended TLS with 'unknown_ca'. It does not trust the authority", await testing.LoggedAsync(4101), StringComparison.Ordinal);
        await handshake.ThrowsAny<IOException>();
    }

    [Fact]
    public async Task Close_HandshakesUnderWay_AreCut()
    {
        await using var testing = new TlsTesting();
        IListener listener = await testing.ListenAsync();
        Socket socket = await testing.DialAsync(listener);
        await socket.SendAsync(StartOfHello.AsMemory(), BoundedWaits.Stop);
        await testing.LoggedAsync(4003);

        await listener.CloseAsync(BoundedWaits.Stop).Bounded();

        Assert.Empty(await socket.ReadToEndAsync());
    }

    [Fact]
    public async Task ServerCertificate_Throws_EndsThatConnectionOnly()
    {
        await using var testing = new TlsTesting();
        int calls = 0;
        IListener listener = await testing.ListenAsync(options => options.Tls!.ServerCertificate = _ =>
            Interlocked.Increment(ref calls) == 1 ? throw new InvalidOperationException("no certificate today") : testing.Certificates.Server);

        await testing.FailsAsync<MessagingConnectionException>(listener.Url);
        Assert.Contains("no certificate today", await testing.LoggedAsync(4101), StringComparison.Ordinal);

        (IConnection connection, _, _) = await testing.ConnectAsync(listener);
        await connection.DisposeAsync();
    }

    [Fact]
    public async Task ServerCertificate_WithoutAKey_SaysSo()
    {
        await using var testing = new TlsTesting();
        IListener listener = await testing.ListenAsync(options => options.Tls!.ServerCertificate = _ => testing.Certificates.Roots[0]);

        await testing.FailsAsync<MessagingConnectionException>(listener.Url);

        Assert.Contains("private key", await testing.LoggedAsync(4101), StringComparison.Ordinal);
    }

    private static SslClientAuthenticationOptions TrustAll() => new() { TargetHost = "localhost", RemoteCertificateValidationCallback = (_, _, _, _) => true };
}

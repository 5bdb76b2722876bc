using System.Net.Security;
using System.Net.Sockets;
using Messaging.Tests.Support;

namespace Messaging.Tests.Transport.Tls;

/// <summary>TLS after the header that asks for it (part 5, 5.2), and everything that could make clear text of it.</summary>
public sealed class TlsInBandTests
{
    private static readonly byte[] TlsHeader = "AMQP\u0002\u0001\0\0"u8.ToArray();
    private static readonly byte[] SaslHeader = "AMQP\u0003\u0001\0\0"u8.ToArray();

    [Fact]
    public async Task Connect_BothInBand_IsEncrypted()
    {
        await using var testing = new TlsTesting();
        IListener listener = await testing.ListenAsync(options => options.Tls!.Mode = TlsMode.InBand);

        (IConnection connection, IIncomingConnection incoming, _) = await testing.ConnectAsync(listener, tls => tls.Mode = TlsMode.InBand);

        Assert.True(incoming.IsEncrypted);
        await connection.DisposeAsync();
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Connect_ListenerOffersIt_TakesBoth(bool isTls)
    {
        await using var testing = new TlsTesting();
        IListener listener = await testing.ListenAsync(options => (options.Url, options.Tls!.Mode) = ("amqp://localhost:0", TlsMode.InBand));
        Assert.StartsWith("amqp://", listener.Url, StringComparison.Ordinal);

        (IConnection connection, IIncomingConnection incoming, _) = await testing.ConnectAsync(
            listener,
            tls => tls.Mode = isTls ? TlsMode.InBand : TlsMode.Direct,
            options => (options.Url, options.Tls) = isTls ? (options.Url.Replace("amqp:", "amqps:", StringComparison.Ordinal), options.Tls) : (options.Url, null));

        Assert.Equal(isTls, incoming.IsEncrypted);
        await connection.DisposeAsync();
    }

    [Fact]
    public async Task Connect_ByteByByte_IsTaken()
    {
        await using var testing = new TlsTesting();
        IListener listener = await testing.ListenAsync(options => (options.Url, options.Tls!.Mode) = ("amqp://localhost:0", TlsMode.InBand));
        foreach (byte[] header in new[] { TlsHeader, SaslHeader })
        {
            Socket socket = await testing.DialAsync(listener);
            socket.NoDelay = true;
            foreach (byte one in header)
                await socket.SendAsync(new[] { one }, BoundedWaits.Stop);

            Assert.Equal(header, await socket.ReadAsync(8));
        }
    }

    [Theory]
    [InlineData("AMQP\u0003\u0001\0\0")]
    [InlineData("AMQP\0\u0001\0\0")]
    [InlineData("AMQP\u0002\u0001\0\u0001")]
    [InlineData("GET / HTTP/1.1\r\n")]
    [InlineData("\u0016\u0003\u0001\u0002\0\u0001\0\u0001")]
    public async Task Listen_InBandOnly_AnswersAnotherHeaderWithItsOwnAndCloses(string sent)
    {
        await using var testing = new TlsTesting();
        IListener listener = await testing.ListenAsync(options => options.Tls!.Mode = TlsMode.InBand);
        Socket socket = await testing.DialAsync(listener);

        await socket.SendAsync(System.Text.Encoding.Latin1.GetBytes(sent), BoundedWaits.Stop);

        Assert.Equal(TlsHeader, await socket.ReadToEndAsync()); // part 2, 2.2, and not a byte more
        socket.Dispose();
        Assert.Contains("did not ask for TLS but sent '", await testing.LoggedAsync(4101), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Listen_Offered_AnswersAWrongHeaderInClearText()
    {
        await using var testing = new TlsTesting();
        IListener listener = await testing.ListenAsync(options => (options.Url, options.Tls!.Mode) = ("amqp://localhost:0", TlsMode.InBand));
        Socket socket = await testing.DialAsync(listener);

        await socket.SendAsync("GET / HTTP/1.1\r\n"u8.ToArray(), BoundedWaits.Stop);

        Assert.Equal("AMQP"u8.ToArray(), (await socket.ReadToEndAsync())[..4]);
    }

    [Theory]
    [InlineData("AMQP\0\u0001\0\0")]
    [InlineData("AMQP\u0003\u0001\0\0")]
    [InlineData("AMQP\u0002\u0001\u0001\0")]
    [InlineData("HTTP/1.1 400 Bad Request\r\n\r\n")]
    public async Task Connect_ServerAnswersAnythingElse_NeverGoesOnInClearText(string answer)
    {
        await using var testing = new TlsTesting();
        var received = new TaskCompletionSource<byte[]>();
        string url = testing.Serve(async socket =>
        {
            byte[] header = await socket.ReadAsync(8);
            await socket.SendAsync(System.Text.Encoding.Latin1.GetBytes(answer));
            received.SetResult([.. header, .. await socket.ReadToEndAsync()]);
        });

        TlsException error = await testing.FailsAsync<TlsException>(url, tls => tls.Mode = TlsMode.InBand);

        Assert.False(error.IsTransient);
        Assert.Contains("it does not offer in-band TLS here", error.Message, StringComparison.Ordinal);
        Assert.Equal(TlsHeader, await received.Task.Bounded());
    }

    [Theory]
    [InlineData(0)]
    [InlineData(3)]
    public async Task Connect_ServerClosesInstead_SendsNothingElse(int answered)
    {
        await using var testing = new TlsTesting();
        string url = testing.Serve(async socket =>
        {
            await socket.ReadAsync(8);
            await socket.SendAsync(TlsHeader.AsMemory(0, answered));
        });

        MessagingException error = await testing.Client.ConnectAsync(testing.Options(url, tls => tls.Mode = TlsMode.InBand), BoundedWaits.Stop).AsTask().ThrowsAny<MessagingException>();

        Assert.Equal(answered == 0, error.IsTransient);
    }

    [Fact]
    public async Task Connect_ServerAnswersAndThenSpeaksClearText_IsNoTls()
    {
        await using var testing = new TlsTesting();
        string url = testing.Serve(async socket =>
        {
            await socket.ReadAsync(8);
            await socket.SendAsync(TlsHeader);
            await socket.ReadAsync(5);
            await socket.SendAsync(SaslHeader);
            await socket.ReadToEndAsync();
        });

        TlsException error = await testing.FailsAsync<TlsException>(url, tls => tls.Mode = TlsMode.InBand);

        Assert.Contains("does not speak TLS: it sent 'AMQP\\x03", error.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("amqp://localhost:1")]
    [InlineData("inproc://somewhere")]
    public async Task Connect_SchemeWithoutTls_IsRefused(string url)
    {
        await using var testing = new TlsTesting();

        ArgumentException error = await testing.FailsAsync<ArgumentException>(url, tls => tls.Mode = TlsMode.InBand);

        Assert.Contains("use 'amqps'", error.Message, StringComparison.Ordinal);
    }

    /// <summary>A list of servers may mix schemes; one without TLS is no way around it.</summary>
    [Fact]
    public async Task Connect_SchemeWithoutTlsInAMixedList_IsRefused()
    {
        await using var testing = new TlsTesting();
        ConnectionOptions options = testing.Options("amqp://localhost:1", tls => tls.Mode = TlsMode.InBand);
        options.Failover = ["amqps://localhost:1"];

        TlsException error = await testing.Client.ConnectAsync(options, BoundedWaits.Stop).Throws<TlsException, IConnection>();

        Assert.Contains("Use 'amqps'", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Connect_DirectToAnInBandListener_SaysThatItIsNoTls()
    {
        await using var testing = new TlsTesting();
        IListener listener = await testing.ListenAsync(options => options.Tls!.Mode = TlsMode.InBand);

        TlsException error = await testing.FailsAsync<TlsException>(listener.Url);

        Assert.Contains("it sent 'AMQP\\x02", error.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(5)]
    [InlineData(8)]
    public async Task Listen_PeerGoesAway_ListenerGoesOn(int sent)
    {
        await using var testing = new TlsTesting();
        IListener listener = await testing.ListenAsync(options => options.Tls!.Mode = TlsMode.InBand);
        Socket socket = await testing.DialAsync(listener);
        await socket.SendAsync(TlsHeader.AsMemory(0, sent), BoundedWaits.Stop);

        socket.Dispose();

        await testing.LoggedAsync(4101);
        (IConnection connection, _, _) = await testing.ConnectAsync(listener, tls => tls.Mode = TlsMode.InBand);
        await connection.DisposeAsync();
    }

    [Fact]
    public async Task Listen_HelloRightBehindTheHeader_IsTaken()
    {
        await using var testing = new TlsTesting();
        IListener listener = await testing.ListenAsync(options => options.Tls!.Mode = TlsMode.InBand);
        using var stream = new SslStream(new PipeliningStream(new NetworkStream(await testing.DialAsync(listener)), TlsHeader));

        await stream.AuthenticateAsClientAsync(new SslClientAuthenticationOptions { TargetHost = "localhost", RemoteCertificateValidationCallback = (_, _, _, _) => true }, BoundedWaits.Stop).Bounded();

        Assert.True(stream.IsAuthenticated);
    }
}

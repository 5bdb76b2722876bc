using System.Net.Sockets;
using Messaging.Testing.Proxy;
using Messaging.Tests.Support;
using Microsoft.Extensions.Time.Testing;

namespace Messaging.Tests.Chaos;

/// <summary>A proxy that does not cut is a check that cannot fail.</summary>
public sealed class FaultProxyTests
{
    private static readonly byte[] Text = "not AMQP at all"u8.ToArray();

    [Fact]
    public async Task Bytes_BothWays_PassUnchanged()
    {
        await using ProxyRig rig = await ProxyRig.ConnectAsync();
        byte[] much = new byte[300_000];
        new Random(1).NextBytes(much);

        Task sending = rig.Client.SendAsync(much, BoundedWaits.Stop).AsTask();
        byte[] arrived = await ProxyRig.ReadAsync(rig.Server, much.Length);
        await rig.Server.SendAsync(Text, BoundedWaits.Stop);

        await sending.Bounded();
        Assert.Equal(much, arrived);
        Assert.Equal(Text, await ProxyRig.ReadAsync(rig.Client, Text.Length));
    }

    [Fact]
    public async Task Ends_OfEitherSide_ArePassedOnAsTheyCame()
    {
        await using ProxyRig orderly = await ProxyRig.ConnectAsync();
        orderly.Client.Shutdown(SocketShutdown.Send);
        Assert.Equal("eof", await ProxyRig.EndAsync(orderly.Server));
        await orderly.Server.SendAsync(Text, BoundedWaits.Stop);
        Assert.Equal(Text, await ProxyRig.ReadAsync(orderly.Client, Text.Length));
        Assert.False(orderly.Connection.Ended.IsCompleted);
        orderly.Server.Shutdown(SocketShutdown.Send);
        await orderly.Connection.Ended.Bounded();

        await using ProxyRig abrupt = await ProxyRig.ConnectAsync();
        abrupt.Server.LingerState = new LingerOption(enable: true, 0);
        abrupt.Server.Dispose();
        Assert.Equal("ConnectionReset", await ProxyRig.EndAsync(abrupt.Client));
        await abrupt.Connection.Ended.Bounded();
    }

    [Theory]
    [InlineData(Fault.Drop, "eof", "eof")]
    [InlineData(Fault.Reset, "ConnectionReset", "ConnectionReset")]
    public async Task Death_EndsBothSides(Fault fault, string client, string server)
    {
        await using ProxyRig rig = await ProxyRig.ConnectAsync();

        rig.Proxy.ForAll(connection => connection.Apply(fault));

        Assert.Equal(client, await ProxyRig.EndAsync(rig.Client));
        Assert.Equal(server, await ProxyRig.EndAsync(rig.Server));
        rig.Client.Dispose();
        rig.Server.Dispose();
        await rig.Connection.Ended.Bounded();
    }

    [Fact]
    public async Task HalfClose_EndsOneWayOnly()
    {
        await using ProxyRig rig = await ProxyRig.ConnectAsync();

        rig.Connection.Apply(Fault.HalfCloseToServer);

        Assert.Equal("eof", await ProxyRig.EndAsync(rig.Server));
        await rig.Server.SendAsync(Text, BoundedWaits.Stop);
        Assert.Equal(Text, await ProxyRig.ReadAsync(rig.Client, Text.Length));
        await rig.Client.SendAsync(Text, BoundedWaits.Stop);
    }

    [Fact]
    public async Task Swallow_KeepsTcpOpenAndPassesNothing()
    {
        await using ProxyRig rig = await ProxyRig.ConnectAsync();

        rig.Connection.ToServer.Swallow();
        await rig.Client.SendAsync(Text, BoundedWaits.Stop);
        rig.Client.Shutdown(SocketShutdown.Send);
        await BoundedWaits.UntilAsync(() => rig.Connection.ToServer.Bytes == Text.Length);
        await rig.Server.SendAsync(Text, BoundedWaits.Stop);

        Assert.Equal(Text, await ProxyRig.ReadAsync(rig.Client, Text.Length));
        Assert.Equal(0, rig.Server.Available);
        Assert.False(rig.Server.Poll(0, SelectMode.SelectRead));
    }

    [Fact]
    public async Task Hold_KeepsEverythingUntilTheRelease()
    {
        await using ProxyRig rig = await ProxyRig.ConnectAsync();
        rig.Connection.Hold();
        await rig.Client.SendAsync(Text, BoundedWaits.Stop);
        Task<byte[]> reading = ProxyRig.ReadAsync(rig.Server, Text.Length);
        await rig.Server.SendAsync(Text, BoundedWaits.Stop);
        Assert.Equal(0, rig.Connection.ToServer.Bytes + rig.Connection.ToClient.Bytes);
        Assert.False(reading.IsCompleted);

        rig.Connection.Release();

        Assert.Equal(Text, await reading.Bounded());
        Assert.Equal(Text, await ProxyRig.ReadAsync(rig.Client, Text.Length));
    }

    [Fact]
    public async Task Delay_KeepsBytesForItsTime()
    {
        var time = new FakeTimeProvider();
        await using ProxyRig rig = await ProxyRig.ConnectAsync(connection => connection.ToServer.Delay = TimeSpan.FromMinutes(5), time);
        await rig.Client.SendAsync(Text, BoundedWaits.Stop);
        Task<byte[]> reading = ProxyRig.ReadAsync(rig.Server, Text.Length);
        DateTimeOffset start = time.GetUtcNow();

        await time.PassUntilAsync(reading, TimeSpan.FromMinutes(1));

        Assert.Equal(Text, await reading);
        Assert.True(time.GetUtcNow() - start >= TimeSpan.FromMinutes(5), "The bytes came too early.");
    }

    [Fact]
    public async Task BytesPerSecond_AreNotExceeded()
    {
        var time = new FakeTimeProvider();
        await using ProxyRig rig = await ProxyRig.ConnectAsync(connection => connection.ToServer.BytesPerSecond = 1000, time);
        byte[] much = new byte[10_000];
        await rig.Client.SendAsync(much, BoundedWaits.Stop);
        Task<byte[]> reading = ProxyRig.ReadAsync(rig.Server, much.Length);
        DateTimeOffset start = time.GetUtcNow();

        await time.PassUntilAsync(reading, TimeSpan.FromMilliseconds(50));

        Assert.True(time.GetUtcNow() - start >= TimeSpan.FromSeconds(9.9), $"10,000 bytes took {time.GetUtcNow() - start}.");
    }

    [Fact]
    public async Task Pieces_ArriveOneByOneAndUnchanged()
    {
        await using ProxyRig rig = await ProxyRig.ConnectAsync(connection => connection.ToServer.Pieces = [1, 3]);
        byte[] buffer = new byte[100];
        await rig.Client.SendAsync(Text, BoundedWaits.Stop);

        int first = await rig.Server.ReceiveAsync(buffer, BoundedWaits.Stop).Bounded();
        byte[] rest = await ProxyRig.ReadAsync(rig.Server, Text.Length - first);

        Assert.InRange(first, 1, Text.Length);
        Assert.Equal(Text, (byte[])[.. buffer[..first], .. rest]);
        await BoundedWaits.UntilAsync(() => rig.Connection.ToServer.Bytes == Text.Length); // counted after they are written
        Assert.Equal(8, rig.Connection.ToServer.Writes);
    }

    [Fact]
    public async Task Corrupt_ChangesThatByteOnly()
    {
        await using ProxyRig rig = await ProxyRig.ConnectAsync(connection => connection.ToServer.Corrupt(10, 0x01));
        byte[] expected = [.. Text];
        expected[10] ^= 0x01;

        await rig.Client.SendAsync(Text.AsMemory(0, 8), BoundedWaits.Stop);
        byte[] first = await ProxyRig.ReadAsync(rig.Server, 8);
        await rig.Client.SendAsync(Text.AsMemory(8), BoundedWaits.Stop);

        byte[] rest = await ProxyRig.ReadAsync(rig.Server, Text.Length - 8);

        Assert.Equal(expected, (byte[])[.. first, .. rest]);
    }

    [Fact]
    public async Task Duplicate_SendsTheSameBytesTwice()
    {
        await using ProxyRig rig = await ProxyRig.ConnectAsync(connection => connection.Duplicate());
        using Socket copy = await rig.AcceptAsync();

        await rig.Client.SendAsync(Text, BoundedWaits.Stop);

        Assert.Equal(Text, await ProxyRig.ReadAsync(rig.Server, Text.Length));
        Assert.Equal(Text, await ProxyRig.ReadAsync(copy, Text.Length));
        await copy.SendAsync("answers to the copy"u8.ToArray(), BoundedWaits.Stop);
        await rig.Server.SendAsync(Text, BoundedWaits.Stop);
        Assert.Equal(Text, await ProxyRig.ReadAsync(rig.Client, Text.Length));
    }

    [Fact]
    public async Task Refuse_GivesThePortBackAndTakesItAgain()
    {
        await using ProxyRig rig = await ProxyRig.ConnectAsync();

        rig.Proxy.Admission = Admission.Refuse;
        SocketException refused = await Assert.ThrowsAsync<SocketException>(rig.DialAsync);
        await rig.Client.SendAsync(Text, BoundedWaits.Stop);
        byte[] still = await ProxyRig.ReadAsync(rig.Server, Text.Length);
        rig.Proxy.Admission = Admission.Pass;
        using Socket again = await rig.DialAsync();
        using Socket server = await rig.AcceptAsync();

        Assert.Equal(SocketError.ConnectionRefused, refused.SocketErrorCode);
        Assert.Equal(Text, still);
        Assert.Equal(2, rig.Proxy.Connections.Count);
    }

    [Theory]
    [InlineData(Admission.AcceptAndClose, "eof")]
    [InlineData(Admission.AcceptAndReset, "ConnectionReset")]
    public async Task AcceptAndEnd_EndsAtOnce(Admission admission, string end)
    {
        await using var rig = new ProxyRig();
        rig.Proxy.Admission = admission;

        string seen;
        try
        {
            using Socket client = await rig.DialAsync();
            seen = await ProxyRig.EndAsync(client);
        }
        catch (SocketException exception)
        {
            seen = exception.SocketErrorCode.ToString(); // the proxy was quicker
        }

        Assert.Equal(end, seen);
        Assert.Equal(1, rig.Proxy.Attempts);
        Assert.Empty(rig.Proxy.Connections);
    }

    [Fact]
    public async Task AcceptAndHang_SaysNothing()
    {
        await using var rig = new ProxyRig();
        rig.Proxy.Admission = Admission.AcceptAndHang;
        using Socket client = await rig.DialAsync();
        await client.SendAsync(Text, BoundedWaits.Stop);
        await BoundedWaits.UntilAsync(() => rig.Proxy.Attempts == 1);

        Assert.False(client.Poll(0, SelectMode.SelectRead));
        await rig.Proxy.DisposeAsync();
        Assert.Equal("ConnectionReset", await ProxyRig.EndAsync(client));
    }

    [Fact]
    public async Task Target_NotThere_ResetsTheClient()
    {
        await using var rig = new ProxyRig();
        await using var nobody = new FaultProxy(rig.Proxy.EndPoint) { Admission = Admission.Refuse };
        rig.Proxy.Target = nobody.EndPoint;

        Assert.Equal("ConnectionReset", await DialToItsEndAsync(rig));
    }

    /// <summary>The reset may come before connecting has returned.</summary>
    private static async Task<string> DialToItsEndAsync(ProxyRig rig)
    {
        try
        {
            using Socket client = await rig.DialAsync();
            return await ProxyRig.EndAsync(client);
        }
        catch (SocketException exception)
        {
            return exception.SocketErrorCode.ToString();
        }
    }
}

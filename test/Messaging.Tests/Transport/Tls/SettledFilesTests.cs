using Messaging.Tests.Support;
using Messaging.Transport;
using Microsoft.Extensions.Time.Testing;

namespace Messaging.Tests.Transport.Tls;

/// <summary>Files that a rotation replaces one after the other while they are read.</summary>
public sealed class SettledFilesTests
{
    private readonly FakeTimeProvider _time = new();
    private readonly Queue<string> _contents = new();
    private int _readings;
    private bool _wereGood;

    [Fact]
    public async Task Read_GoodTheNextTime_IsTaken()
    {
        Assert.Equal("good", await ReadAsync("old key", "good"));
        Assert.Equal(2, _readings);
    }

    [Fact]
    public async Task Read_GoneForAMoment_IsTaken() => Assert.Equal("good", await ReadAsync("missing", "good"));

    [Fact]
    public async Task Read_TheSameAgain_IsFinal()
    {
        TlsException error = await ReadAsync("old key", "old key", "good").Throws<TlsException>();

        Assert.Equal(("'old key' is no good", false), (error.Message, error.IsTransient));
        Assert.Equal(2, _readings);
    }

    [Fact]
    public async Task Read_AnotherEachTime_MayPass()
    {
        TlsException error = await ReadAsync("a", "missing", "b", "c", "good").Throws<TlsException>();

        Assert.Equal(("'c' is no good", true), (error.Message, error.IsTransient));
        Assert.Equal(4, _readings);
    }

    /// <summary>A rotation that takes its time while the connection comes back.</summary>
    [Fact]
    public async Task Read_TheSameAgainWhereTheyWereGood_MayPass()
    {
        _wereGood = true;

        TlsException error = await ReadAsync("old key", "old key", "good").Throws<TlsException>();

        Assert.True(error.IsTransient);
    }

    [Fact]
    public async Task Client_KeyComesAfterItsCertificate_HasBoth()
    {
        using var certificates = new TestCertificates();
        using var before = new TestCertificates();
        var options = new TlsOptions
        {
            Certificate = certificates.WritePem("client.pem", certificates.Client),
            Key = certificates.WriteKey("client.key", before.Client),
        };
        Task<TlsClient> preparing = TlsClient.PrepareAsync(ConnectionUrl.Parse("amqps://localhost"), new TransportSettings { Tls = options, TimeProvider = new OnTimer(() => certificates.WriteKey("client.key", certificates.Client)) }, BoundedWaits.Stop).AsTask();

        (await preparing.Bounded()).Dispose();
    }

    private async Task<string> ReadAsync(params string[] contents)
    {
        foreach (string content in contents)
            _contents.Enqueue(content);
        Task<string> reading = SettledFiles.ReadAsync(Read, Parse, _wereGood, _time, BoundedWaits.Stop).AsTask();
        await _time.PassUntilAsync(reading, TimeSpan.FromMilliseconds(100));
        return await reading;
    }

    private ValueTask<byte[][]> Read(CancellationToken cancellationToken)
    {
        _readings++;
        string content = _contents.Dequeue();
        return content == "missing" ? throw new TlsException("it cannot be read") : new ValueTask<byte[][]>([System.Text.Encoding.UTF8.GetBytes(content)]);
    }

    private static string Parse(byte[][] contents)
    {
        string content = System.Text.Encoding.UTF8.GetString(contents[0]);
        return content == "good" ? content : throw new TlsException($"'{content}' is no good");
    }

    /// <summary>Does something when a timer is set, which is over at once.</summary>
    private sealed class OnTimer(Action action) : TimeProvider
    {
        public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period)
        {
            action();
            return System.CreateTimer(callback, state, TimeSpan.Zero, period);
        }
    }
}

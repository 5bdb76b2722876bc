using System.Buffers;
using System.IO.Pipelines;
using System.Text;
using Messaging.Transport;

namespace Messaging.Tests.Transport;

/// <summary>What every transport must do, whatever the bytes travel through.</summary>
public abstract partial class TransportContractTests
{
    private const int MoreThanAnyBuffer = 32 * 1024 * 1024;

    [Fact]
    public async Task Write_SmallBatch_ArrivesAndIsAnswered()
    {
        await using TransportPair pair = await ConnectAsync();

        FlushResult written = await pair.Client.Output.WriteAsync("ping"u8.ToArray(), TransportTesting.Stop).Bounded();
        string received = await pair.Server.Input.ReadTextAsync(4);
        await pair.Server.Output.WriteAsync("pong"u8.ToArray(), TransportTesting.Stop).Bounded();
        string answer = await pair.Client.Input.ReadTextAsync(4);

        Assert.False(written.IsCompleted);
        Assert.Equal("ping", received);
        Assert.Equal("pong", answer);
    }

    [Fact]
    public async Task Write_ThirtyMegabytesBothWays_ArriveIntact()
    {
        await using TransportPair pair = await ConnectAsync();
        byte[] there = TransportTesting.Pattern(30_000_001, seed: 1);
        byte[] back = TransportTesting.Pattern(30_000_001, seed: 2);

        Task<byte[]> first = ReceiveAsync(pair.Server.Input, there.Length);
        Task<byte[]> second = ReceiveAsync(pair.Client.Input, back.Length);
        await Task.WhenAll(SendAsync(pair.Client.Output, there), SendAsync(pair.Server.Output, back)).Bounded();

        byte[] arrived = await first.Bounded();
        byte[] answered = await second.Bounded();
        Assert.True(there.AsSpan().SequenceEqual(arrived));
        Assert.True(back.AsSpan().SequenceEqual(answered));
    }

    [Fact]
    public async Task GetMemory_ThenWrite_KeepsTheOrder()
    {
        await using TransportPair pair = await ConnectAsync();

        "ab"u8.CopyTo(pair.Client.Output.GetSpan(2));
        pair.Client.Output.Advance(2);
        await pair.Client.Output.WriteAsync("cd"u8.ToArray(), TransportTesting.Stop).Bounded();
        "ef"u8.CopyTo(pair.Client.Output.GetSpan(2));
        pair.Client.Output.Advance(2);
        await pair.Client.Output.FlushAsync(TransportTesting.Stop).Bounded();

        Assert.Equal("abcdef", await pair.Server.Input.ReadTextAsync(6));
    }

    [Fact]
    public async Task Read_NothingExamined_ReturnsTheSameBytesAgain()
    {
        await using TransportPair pair = await ConnectAsync();
        await pair.Client.Output.WriteAsync("abc"u8.ToArray(), TransportTesting.Stop).Bounded();
        _ = (await pair.Server.Input.ReadAtLeastAsync(3, TransportTesting.Stop).Bounded()).Buffer;

        pair.Server.Input.AdvanceTo(default, default);
        bool again = pair.Server.Input.TryRead(out ReadResult result);
        string bytes = Encoding.ASCII.GetString(result.Buffer);
        pair.Server.Input.AdvanceTo(result.Buffer.GetPosition(1), result.Buffer.End);
        bool afterExamining = pair.Server.Input.TryRead(out _);

        Assert.True(again);
        Assert.Equal("abc", bytes);
        Assert.False(afterExamining);
    }

    [Fact]
    public async Task Dispose_AfterWriting_PeerReadsToTheEnd()
    {
        await using TransportPair pair = await ConnectAsync();
        byte[] sent = TransportTesting.Pattern(100_000);

        await pair.Client.Output.WriteAsync(sent, TransportTesting.Stop).Bounded();
        await pair.Client.DisposeAsync().Bounded();

        Assert.Equal(sent, await pair.Server.Input.ReadExactlyAsync(sent.Length));
        await pair.Server.Input.AssertEndAsync();
        await pair.Server.Input.AssertEndAsync();
    }

    [Fact]
    public async Task Complete_Output_EndsOneDirectionOnly()
    {
        await using TransportPair pair = await ConnectAsync();

        await pair.Client.Output.CompleteAsync();
        await pair.Server.Input.AssertEndAsync();
        await pair.Server.Output.WriteAsync("bye"u8.ToArray(), TransportTesting.Stop).Bounded();

        Assert.Equal("bye", await pair.Client.Input.ReadTextAsync(3));
        await Assert.ThrowsAsync<InvalidOperationException>(async () => await pair.Client.Output.WriteAsync(new byte[1], TransportTesting.Stop));
    }

    [Fact]
    public async Task Abort_WhileReading_EndsTheRead()
    {
        await using TransportPair pair = await ConnectAsync();
        Task<ReadResult> read = pair.Client.Input.ReadAsync(TransportTesting.Stop).AsTask();

        pair.Client.Abort();

        MessagingConnectionException error = await Assert.ThrowsAsync<MessagingConnectionException>(() => read.Bounded());
        Assert.Contains("aborted on this side", error.Message, StringComparison.Ordinal);
        Assert.Contains(pair.Client.RemoteEndPoint, error.Message, StringComparison.Ordinal);
        Assert.True(error.IsTransient);
    }

    [Fact]
    public async Task Abort_WhileReading_PeerIsToldAtOnce()
    {
        await using TransportPair pair = await ConnectAsync();
        Task<ReadResult> read = pair.Server.Input.ReadAsync(TransportTesting.Stop).AsTask();

        pair.Client.Abort();

        MessagingConnectionException error = await Assert.ThrowsAsync<MessagingConnectionException>(() => read.Bounded());
        Assert.Contains("reset by the peer", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Abort_WhileWritingToAPeerThatDoesNotRead_EndsTheWrite()
    {
        await using TransportPair pair = await ConnectAsync();
        Task<FlushResult> write = pair.Client.Output.WriteAsync(new byte[MoreThanAnyBuffer], TransportTesting.Stop).AsTask();
        Assert.False(write.IsCompleted);

        pair.Client.Abort();

        await Assert.ThrowsAsync<MessagingConnectionException>(() => write.Bounded());
    }

    [Fact]
    public async Task Abort_ByThePeer_EndsAPendingWrite()
    {
        await using TransportPair pair = await ConnectAsync();
        Task<FlushResult> write = pair.Client.Output.WriteAsync(new byte[MoreThanAnyBuffer], TransportTesting.Stop).AsTask();

        pair.Server.Abort();

        await Assert.ThrowsAsync<MessagingConnectionException>(() => write.Bounded());
    }

    [Fact]
    public async Task Abort_Twice_ThenReadAndWrite_Throw()
    {
        await using TransportPair pair = await ConnectAsync();

        pair.Client.Abort();
        pair.Client.Abort();

        await Assert.ThrowsAsync<MessagingConnectionException>(() => pair.Client.Input.ReadAsync(TransportTesting.Stop).Bounded());
        await Assert.ThrowsAsync<MessagingConnectionException>(() => pair.Client.Output.WriteAsync(new byte[1], TransportTesting.Stop).Bounded());
        await pair.Client.DisposeAsync().Bounded();
        await pair.Client.DisposeAsync().Bounded();
    }

    [Fact]
    public async Task Write_AfterThePeerDisposed_Throws()
    {
        await using TransportPair pair = await ConnectAsync();
        await pair.Server.DisposeAsync().Bounded();
        await pair.Client.Input.AssertEndAsync();

        async Task WriteUntilRefused()
        {
            // The first writes may still go out: the kernel learns from the peer's answer that nobody is there.
            while (true) await pair.Client.Output.WriteAsync(new byte[1024], TransportTesting.Stop);
        }

        await Assert.ThrowsAsync<MessagingConnectionException>(() => WriteUntilRefused().Bounded());
    }

    private protected abstract Task<TransportPair> ConnectAsync();

    private static async Task SendAsync(PipeWriter output, ReadOnlyMemory<byte> bytes, int chunk = 200_000)
    {
        for (int i = 0; i < bytes.Length; i += chunk)
            await output.WriteAsync(bytes[i..Math.Min(bytes.Length, i + chunk)], TransportTesting.Stop);
    }

    private static async Task<byte[]> ReceiveAsync(PipeReader input, int count)
    {
        var received = new ArrayBufferWriter<byte>(count);
        while (received.WrittenCount < count)
        {
            ReadResult result = await input.ReadAsync(TransportTesting.Stop);
            long take = Math.Max(1, result.Buffer.Length * 9 / 10); // leaves a remainder, as a parser does
            foreach (ReadOnlyMemory<byte> part in result.Buffer.Slice(0, take)) received.Write(part.Span);
            input.AdvanceTo(result.Buffer.GetPosition(take), result.Buffer.Length == take ? result.Buffer.End : result.Buffer.GetPosition(take));
        }

        return received.WrittenSpan.ToArray();
    }
}

using System.Buffers;
using System.IO.Pipelines;
using Messaging.Transport;

namespace Messaging.Tests.Transport;

public abstract partial class TransportContractTests
{
    [ThreadStatic]
    private static bool _inCall;

    [Fact]
    public async Task Read_Cancelled_LosesNothing()
    {
        await using TransportPair pair = await ConnectAsync();
        using var cancel = new CancellationTokenSource();
        Task<ReadResult> read = pair.Server.Input.ReadAsync(cancel.Token).AsTask();

        await cancel.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => read.Bounded());
        await pair.Client.Output.WriteAsync("late"u8.ToArray(), TransportTesting.Stop).Bounded();

        Assert.Equal("late", await pair.Server.Input.ReadTextAsync(4));
    }

    [Fact]
    public async Task Read_CancelledManyTimesUnderTraffic_LosesNothing()
    {
        await using TransportPair pair = await ConnectAsync();
        byte[] sent = TransportTesting.Pattern(2_000_000);
        var received = new ArrayBufferWriter<byte>();
        Task sending = SendAsync(pair.Client.Output, sent, chunk: 777);

        while (received.WrittenCount < sent.Length)
        {
            using var cancel = new CancellationTokenSource();
            ValueTask<ReadResult> read = pair.Server.Input.ReadAsync(cancel.Token);
            if (!read.IsCompleted) await cancel.CancelAsync();
            try
            {
                ReadResult result = await read.Bounded();
                foreach (ReadOnlyMemory<byte> part in result.Buffer) received.Write(part.Span);
                pair.Server.Input.AdvanceTo(result.Buffer.End);
            }
            catch (OperationCanceledException)
            {
                TransportTesting.Stop.ThrowIfCancellationRequested();
            }
        }

        await sending.Bounded();
        Assert.True(sent.AsSpan().SequenceEqual(received.WrittenSpan));
    }

    [Fact]
    public async Task ReadAndWrite_CancelledBefore_ThrowAndLeaveTheStreamUsable()
    {
        await using TransportPair pair = await ConnectAsync();
        var cancelled = new CancellationToken(canceled: true);

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => pair.Client.Input.ReadAsync(cancelled).Bounded());
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => pair.Client.Output.WriteAsync("no"u8.ToArray(), cancelled).Bounded());
        await pair.Client.Output.WriteAsync("yes"u8.ToArray(), TransportTesting.Stop).Bounded();

        Assert.Equal("yes", await pair.Server.Input.ReadTextAsync(3));
    }

    [Fact]
    public async Task Write_CancelledWhileWaiting_AbortsTheTransport()
    {
        await using TransportPair pair = await ConnectAsync();
        using var cancel = new CancellationTokenSource();
        Task<FlushResult> write = pair.Client.Output.WriteAsync(new byte[MoreThanAnyBuffer], cancel.Token).AsTask();
        Assert.False(write.IsCompleted);

        await cancel.CancelAsync();

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => write.Bounded());
        await Assert.ThrowsAsync<MessagingConnectionException>(() => pair.Client.Output.WriteAsync(new byte[1], TransportTesting.Stop).Bounded());
    }

    [Fact]
    public async Task CancelPendingRead_Waiting_ReturnsCanceledOnceAndLosesNothing()
    {
        await using TransportPair pair = await ConnectAsync();
        Task<ReadResult> read = pair.Server.Input.ReadAsync(TransportTesting.Stop).AsTask();

        pair.Server.Input.CancelPendingRead();
        ReadResult cancelled = await read.Bounded();
        pair.Server.Input.AdvanceTo(cancelled.Buffer.Start, cancelled.Buffer.End);
        await pair.Client.Output.WriteAsync("late"u8.ToArray(), TransportTesting.Stop).Bounded();

        Assert.True(cancelled.IsCanceled);
        Assert.Equal("late", await pair.Server.Input.ReadTextAsync(4));
    }

    [Fact]
    public async Task CancelPendingRead_NobodyWaiting_CancelsTheNextRead()
    {
        await using TransportPair pair = await ConnectAsync();

        pair.Server.Input.CancelPendingRead();
        ReadResult result = await pair.Server.Input.ReadAsync(TransportTesting.Stop).Bounded();

        Assert.True(result.IsCanceled);
    }

    [Fact]
    public async Task AbortAndCancel_PendingRead_NeverRunsItOnTheCallersStack()
    {
        await using TransportPair pair = await ConnectAsync();

        Task<bool> first = ReadAsync();
        InCall(pair.Client.Input.CancelPendingRead);
        bool duringCancel = await first.Bounded();
        Task<bool> second = ReadAsync();
        InCall(() => pair.Server.Output.WriteAsync(new byte[1]).AsTask().GetAwaiter().GetResult());
        bool duringWrite = await second.Bounded();
        Task<bool> third = ReadAsync();
        InCall(pair.Client.Abort);
        bool duringAbort = await third.Bounded();

        Assert.Equal((false, false, false), (duringCancel, duringWrite, duringAbort));

        async Task<bool> ReadAsync()
        {
            try
            {
                ReadResult result = await pair.Client.Input.ReadAsync().ConfigureAwait(false);
                pair.Client.Input.AdvanceTo(result.Buffer.End);
            }
            catch (MessagingConnectionException)
            {
                // the abort
            }

            return _inCall;
        }
    }

    private static void InCall(Action action)
    {
        _inCall = true;
        action();
        _inCall = false;
    }
}

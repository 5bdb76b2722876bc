using System.Collections.Concurrent;
using System.Net;
using System.Net.Sockets;
using Messaging.Transport;

namespace Messaging.Tests.Transport;

public sealed class AddressRaceTests : IDisposable
{
    private static readonly IPAddress First = IPAddress.Parse("192.0.2.1");
    private static readonly IPAddress Second = IPAddress.Parse("2001:db8::2");
    private static readonly IPAddress Third = IPAddress.Parse("192.0.2.3");

    private readonly ConcurrentQueue<IPAddress> _tried = new();
    private readonly ConcurrentBag<IPAddress> _cancelled = [];
    private readonly TaskCompletionSource _silentBegun = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly Socket _socket = new(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);

    [Fact]
    public async Task Run_FirstFails_TriesTheNextAtOnce()
    {
        AddressRace race = Race(new ScriptedTimeProvider(fires: false), (First, Refused), (Second, Connected));

        (Socket winner, _) = await race.RunAsync([First, Second], TransportTesting.Stop).Bounded();

        Assert.Same(_socket, winner);
        Assert.Equal([First, Second], _tried);
    }

    [Fact]
    public async Task Run_FirstIsSilent_TriesTheNextAfterTheStaggerAndStopsTheLoser()
    {
        var time = new ScriptedTimeProvider(fires: true);
        AddressRace race = Race(time, (First, Silent), (Second, Connected));

        (Socket winner, _) = await race.RunAsync([First, Second], TransportTesting.Stop).Bounded();

        Assert.Same(_socket, winner);
        Assert.Equal([TimeSpan.FromMilliseconds(250)], time.Timers);
        Assert.Equal([First], _cancelled);
    }

    [Fact]
    public async Task Run_FirstAnswersAtOnce_TriesNoOther()
    {
        AddressRace race = Race(new ScriptedTimeProvider(fires: false), (First, Connected), (Second, Refused));

        await race.RunAsync([First, Second], TransportTesting.Stop).Bounded();

        Assert.Equal([First], _tried);
    }

    [Fact]
    public async Task Run_AllFail_NamesEveryAddressAndItsReason()
    {
        AddressRace race = Race(new ScriptedTimeProvider(fires: false), (First, Refused), (Second, Unreachable), (Third, Refused));

        MessagingConnectionException error = await Assert.ThrowsAsync<MessagingConnectionException>(() => race.RunAsync([First, Second, Third], TransportTesting.Stop).Bounded());

        Assert.Contains("amqp://example.com:5672", error.Message, StringComparison.Ordinal);
        Assert.Contains("192.0.2.1:5672: Connection refused (ConnectionRefused)", error.Message, StringComparison.Ordinal);
        Assert.Contains("[2001:db8::2]:5672: Network is unreachable (NetworkUnreachable)", error.Message, StringComparison.Ordinal);
        Assert.Contains("192.0.2.3:5672", error.Message, StringComparison.Ordinal);
        Assert.True(error.IsTransient);
        Assert.IsType<SocketException>(error.InnerException);
    }

    [Fact]
    public async Task Run_Cancelled_StopsEveryAttemptAndSaysWhatWasWaitedFor()
    {
        using var cancel = new CancellationTokenSource();
        AddressRace race = Race(new ScriptedTimeProvider(fires: true), (First, Refused), (Second, Silent), (Third, Silent));
        Task run = race.RunAsync([First, Second, Third], cancel.Token);

        await _silentBegun.Task.Bounded();
        await cancel.CancelAsync();

        OperationCanceledException error = await Assert.ThrowsAnyAsync<OperationCanceledException>(() => run.Bounded());
        Assert.Equal(cancel.Token, error.CancellationToken);
        Assert.Contains("192.0.2.1:5672: Connection refused", error.Message, StringComparison.Ordinal);
        Assert.Contains("[2001:db8::2]:5672: no answer yet", error.Message, StringComparison.Ordinal);
        Assert.Contains(Second, _cancelled);
    }

    [Fact]
    public void Interleave_TwoFamilies_AlternatesFromTheFirst()
    {
        IPAddress fourth = IPAddress.Parse("2001:db8::4");

        List<IPAddress> mixed = AddressRace.Interleave([Second, fourth, First, Third]);

        Assert.Equal([Second, First, fourth, Third], mixed);
    }

    public void Dispose() => _socket.Dispose();

    private static Task<Socket> Refused(CancellationToken stop) => Task.FromException<Socket>(new SocketException((int)SocketError.ConnectionRefused));

    private static Task<Socket> Unreachable(CancellationToken stop) => Task.FromException<Socket>(new SocketException((int)SocketError.NetworkUnreachable));

    private async Task<Socket> Silent(CancellationToken stop)
    {
        _silentBegun.TrySetResult();
        var never = new TaskCompletionSource<Socket>();
        await using CancellationTokenRegistration registration = stop.Register(() => never.TrySetCanceled(stop));
        return await never.Task;
    }

    private Task<Socket> Connected(CancellationToken stop) => Task.FromResult(_socket);

    private AddressRace Race(TimeProvider time, params (IPAddress Address, Func<CancellationToken, Task<Socket>> Answer)[] answers)
    {
        return new AddressRace(TransportTesting.Url("example.com"), new TransportSettings { TimeProvider = time }, ConnectAsync);

        async Task<Socket> ConnectAsync(IPEndPoint endPoint, CancellationToken stop)
        {
            _tried.Enqueue(endPoint.Address);
            try
            {
                return await answers.Single(a => a.Address.Equals(endPoint.Address)).Answer(stop);
            }
            catch (OperationCanceledException)
            {
                _cancelled.Add(endPoint.Address);
                throw;
            }
        }
    }
}

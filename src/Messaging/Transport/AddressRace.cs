using System.Net;
using System.Net.Sockets;
using System.Text;
using Microsoft.Extensions.Logging;

namespace Messaging.Transport;

/// <summary>Tries every address of a name: the next one as soon as the one before has failed or was silent for the stagger (RFC 8305, 5); the first that connects wins.</summary>
internal sealed class AddressRace(ConnectionUrl url, TransportSettings settings, Func<IPEndPoint, CancellationToken, Task<Socket>> connect)
{
    private readonly List<(IPEndPoint EndPoint, Task<Socket> Attempt)> _running = [];
    private readonly List<(IPEndPoint EndPoint, Exception Cause)> _failed = [];

    /// <summary>What the addresses are of.</summary>
    public string Endpoint => url.Endpoint;

    /// <summary>Races them. May be called again with other addresses: the failures add up.</summary>
    public async Task<(Socket Socket, IPEndPoint EndPoint)> RunAsync(IReadOnlyList<IPAddress> addresses, CancellationToken cancellationToken)
    {
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        (Socket, IPEndPoint)? winner = null;
        try
        {
            int next = 0;
            while (winner is null && (next < addresses.Count || _running.Count > 0))
            {
                if (next < addresses.Count) Start(new IPEndPoint(addresses[next++], url.Port), stop.Token);
                await WaitAsync(mayStartNext: next < addresses.Count, stop.Token).ConfigureAwait(false);
                winner = await TakeFinishedAsync(cancellationToken).ConfigureAwait(false);
            }
        }
        finally
        {
            await stop.CancelAsync().ConfigureAwait(false);
            await CloseLosersAsync().ConfigureAwait(false);
        }

        return winner ?? throw Unreachable();
    }

    /// <summary>The winner turned out to be no good.</summary>
    public void Failed(IPEndPoint endPoint, Exception cause) => _failed.Add((endPoint, cause));

    /// <summary>IPv6 and IPv4 in turn, beginning with the family that the system put first (RFC 8305, 4).</summary>
    internal static List<IPAddress> Interleave(IReadOnlyList<IPAddress> addresses)
    {
        if (addresses.Count == 0) return [];

        var first = new Queue<IPAddress>(addresses.Where(a => a.AddressFamily == addresses[0].AddressFamily));
        var second = new Queue<IPAddress>(addresses.Where(a => a.AddressFamily != addresses[0].AddressFamily));
        var mixed = new List<IPAddress>(addresses.Count);
        while (first.Count + second.Count > 0)
        {
            if (first.TryDequeue(out IPAddress? one)) mixed.Add(one);
            if (second.TryDequeue(out IPAddress? other)) mixed.Add(other);
        }

        return mixed;
    }

    private void Start(IPEndPoint endPoint, CancellationToken stop) => _running.Add((endPoint, connect(endPoint, stop)));

    private async Task WaitAsync(bool mayStartNext, CancellationToken stop)
    {
        Task finished = Task.WhenAny(_running.Select(r => r.Attempt));
        if (!mayStartNext)
        {
            await finished.ConfigureAwait(false);
            return;
        }

        using var delayEnd = CancellationTokenSource.CreateLinkedTokenSource(stop);
        await Task.WhenAny(finished, Task.Delay(settings.AddressStagger, settings.TimeProvider, delayEnd.Token)).ConfigureAwait(false);
        await delayEnd.CancelAsync().ConfigureAwait(false); // no timer outlives its purpose
    }

    private async Task<(Socket Socket, IPEndPoint EndPoint)?> TakeFinishedAsync(CancellationToken cancellationToken)
    {
        if (cancellationToken.IsCancellationRequested) throw Canceled(cancellationToken);

        for (int i = 0; i < _running.Count; i++)
        {
            (IPEndPoint endPoint, Task<Socket> attempt) = _running[i];
            if (!attempt.IsCompleted) continue;

            _running.RemoveAt(i--);
            try
            {
                return (await attempt.ConfigureAwait(false), endPoint); // the socket itself does not know it any more when the peer has reset it
            }
            catch (Exception e) when (e is SocketException or OperationCanceledException)
            {
                _failed.Add((endPoint, e));
                TransportLog.AddressFailed(settings.Logger, endPoint.ToString(), url.Endpoint, Reason(e));
            }
        }

        return null;
    }

    private async Task CloseLosersAsync()
    {
        foreach ((_, Task<Socket> attempt) in _running)
        {
            await ((Task)attempt).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            if (attempt.IsCompletedSuccessfully) (await attempt.ConfigureAwait(false)).Dispose();
        }

        _running.Clear();
    }

    /// <summary>Every address with its reason.</summary>
    public MessagingConnectionException Unreachable()
    {
        string tried = Describe(new StringBuilder(), withRunning: false);
        return new MessagingConnectionException($"Cannot connect to {url.Endpoint}: {tried}. Check that a server listens there and that nothing between refuses it.", innerException: _failed[^1].Cause);
    }

    private OperationCanceledException Canceled(CancellationToken cancellationToken)
    {
        string tried = Describe(new StringBuilder(), withRunning: true);
        return new OperationCanceledException($"Connecting to {url.Endpoint} was cancelled: {tried}.", cancellationToken);
    }

    private string Describe(StringBuilder text, bool withRunning)
    {
        foreach ((IPEndPoint endPoint, Exception cause) in _failed) text.Append(text.Length == 0 ? "" : "; ").Append(endPoint).Append(": ").Append(Reason(cause));
        if (!withRunning) return text.ToString();

        foreach ((IPEndPoint endPoint, _) in _running) text.Append(text.Length == 0 ? "" : "; ").Append(endPoint).Append(": no answer yet");
        return text.ToString();
    }

    private static string Reason(Exception e) => e is SocketException socket ? TransportErrors.Reason(socket) : e.Message;
}

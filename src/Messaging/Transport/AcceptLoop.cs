using System.Net.Sockets;
using System.Threading.Channels;
using Microsoft.Extensions.Logging;

namespace Messaging.Transport;

/// <summary>Takes connections from one listening socket until it is told to stop. Nothing that a connection does, and no shortage, ends it.</summary>
/// <param name="url">The listener, for logs.</param>
/// <param name="settings">The logger, the clock and the buffer sizes.</param>
/// <param name="accept">Takes the next connection.</param>
/// <param name="accepted">Where the transports go.</param>
/// <param name="wrap">Makes a transport of a socket, and closes the socket when it cannot; by default one in clear text.</param>
internal sealed class AcceptLoop(
    string url, TransportSettings settings, Func<CancellationToken, ValueTask<Socket>> accept, ChannelWriter<ITransport> accepted, Func<Socket, ITransport>? wrap = null)
{
    public async Task RunAsync(CancellationToken stop)
    {
        while (!stop.IsCancellationRequested)
        {
            try
            {
                Socket socket = await accept(stop).ConfigureAwait(false);
                ITransport transport = wrap is null ? StreamTransport.FromSocket(socket, settings) : wrap(socket);
                TransportLog.Accepted(settings.Logger, url, transport.RemoteEndPoint);
                await HandOverAsync(transport, stop).ConfigureAwait(false);
            }
            catch (Exception e) when (e is OperationCanceledException or ObjectDisposedException && stop.IsCancellationRequested)
            {
                return;
            }
            catch (SocketException e) when (stop.IsCancellationRequested)
            {
                TransportLog.AcceptFailed(settings.Logger, url, TransportErrors.Reason(e));
                return;
            }
            catch (SocketException e) when (IsShortage(e.SocketErrorCode))
            {
                await PauseAsync(TransportErrors.Reason(e), stop).ConfigureAwait(false);
            }
            catch (Exception e) when (e is SocketException or ObjectDisposedException or IOException)
            {
                TransportLog.AcceptFailed(settings.Logger, url, e is SocketException s ? TransportErrors.Reason(s) : e.Message);
            }
            catch (Exception e) // not known to happen, and it may last: a listener that does not listen any more and says nothing is the worst answer
            {
                await PauseAsync(e.Message, stop).ConfigureAwait(false);
            }
        }
    }

    // Errors of the process or the system, which last: without the pause the loop would spin. All others belong to the one connection (accept(2) passes on its pending network errors).
    private static bool IsShortage(SocketError error) =>
        error is SocketError.TooManyOpenSockets or SocketError.NoBufferSpaceAvailable or SocketError.ProcessLimit or SocketError.SystemNotReady
            or SocketError.NetworkDown or SocketError.AccessDenied or SocketError.InvalidArgument or SocketError.NotSocket or SocketError.SocketError;

    private async ValueTask HandOverAsync(ITransport transport, CancellationToken stop)
    {
        try
        {
            await accepted.WriteAsync(transport, stop).ConfigureAwait(false);
        }
        catch (Exception e) when (e is OperationCanceledException or ChannelClosedException)
        {
            transport.Abort(); // nobody will ever ask for it
        }
    }

    private async Task PauseAsync(string reason, CancellationToken stop)
    {
        TransportLog.AcceptPaused(settings.Logger, url, settings.AcceptPause, reason);
        await Task.Delay(settings.AcceptPause, settings.TimeProvider, stop).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
    }
}

using System.Net.Sockets;

namespace Messaging.Transport;

/// <summary>
/// Whether bytes that arrive at a socket wake a thread of the runtime. While the reader looks by itself they need not, and that thread would take
/// a core from the reader or the peer for as long as a whole answer takes. Linux keeps quiet below a low-water mark (SO_RCVLOWAT), the end of the stream excepted.
/// </summary>
/// <remarks>Owned by the reader. See docs/adr/0006.</remarks>
internal sealed class ArrivalNotice(Socket socket)
{
    /// <summary>More than any answer that is worth waiting for; a wake above it is only a wake too many.</summary>
    private const int QuietBytes = 16 * 1024;

    private readonly bool _isPossible = OperatingSystem.IsLinux();
    private bool _isOff;
    private bool _isInputThere;

    /// <summary>Whether bytes wait to be read. From now on arrivals wake nobody.</summary>
    public bool Look()
    {
        if (!_isOff && _isPossible)
            _isOff = TrySet(QuietBytes);
        return _isInputThere = SocketEnd.HasInput(socket);
    }

    /// <summary>A receive begins: unless it finds the bytes that were seen, it has to be told of those that come.</summary>
    public void OnReceiving()
    {
        if (!_isInputThere)
            TurnOn();
        _isInputThere = false;
    }

    /// <summary>A receive waits.</summary>
    public void TurnOn()
    {
        if (_isOff)
            _isOff = !TrySet(1);
    }

    private bool TrySet(int bytes)
    {
        try
        {
            socket.SetSocketOption(SocketOptionLevel.Socket, SocketOptionName.ReceiveLowWater, bytes);
            return true;
        }
        catch (Exception e) when (e is SocketException or ObjectDisposedException)
        {
            return false; // the socket is gone
        }
    }
}

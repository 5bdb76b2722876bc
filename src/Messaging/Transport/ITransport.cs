using System.IO.Pipelines;

namespace Messaging.Transport;

/// <summary>One established byte stream, owned by one connection loop.</summary>
/// <remarks>
/// Contract of every implementation:
/// <list type="bullet">
/// <item><see cref="IDuplexPipe.Input"/>: one read at a time; the end of the stream is <see cref="ReadResult.IsCompleted"/>; a lost or aborted stream throws <see cref="MessagingConnectionException"/>.
/// A cancelled read loses nothing: the next one goes on.</item>
/// <item><see cref="IDuplexPipe.Output"/>: one write at a time, by <see cref="PipeWriter.WriteAsync"/>; the memory must stay unchanged until the write has completed, also after a cancellation or an abort.
/// A write that is cancelled while it waits aborts the transport, because half a frame cannot be taken back.</item>
/// <item>Reads and writes are independent of each other. Neither runs a continuation on the stack of who calls <see cref="Abort"/>, <see cref="PipeReader.CancelPendingRead"/> or the peer's side.</item>
/// <item><see cref="IAsyncDisposable.DisposeAsync"/>: orderly end; what was written reaches the peer. Call it when nobody reads or writes any more; it completes both pipes.</item>
/// </list>
/// </remarks>
internal interface ITransport : IDuplexPipe, IAsyncDisposable
{
    /// <summary>This side, for messages and logs.</summary>
    string LocalEndPoint { get; }

    /// <summary>The other side, for messages and logs.</summary>
    string RemoteEndPoint { get; }

    /// <summary>Whether the bytes are encrypted.</summary>
    bool IsSecure => Security is not null;

    /// <summary>What TLS found out; null without TLS.</summary>
    TransportSecurity? Security { get; }

    /// <summary>Whether both sides are in this process, so that nobody can listen in between.</summary>
    bool IsInProcess { get; }

    /// <summary>Whether <see cref="LookForInput"/> can tell.</summary>
    bool CanLook { get; }

    /// <summary>Whether a read would find bytes. Until a read waits again, the arrival of more may wake no thread. Only while no read is pending.</summary>
    bool LookForInput();

    /// <summary>Ends the stream now: pending and later reads and writes throw, what was not sent yet is dropped. From any thread, any number of times; never throws.</summary>
    void Abort();
}

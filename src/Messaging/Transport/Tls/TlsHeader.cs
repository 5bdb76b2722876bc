using System.Net.Sockets;

namespace Messaging.Transport;

/// <summary>The protocol header that asks for TLS on a connection that began in clear text (part 5, 5.2.1; exchanged as part 2, 2.2, says).</summary>
internal static class TlsHeader
{
    public const int Length = 8;

    /// <summary>"AMQP", protocol id 2, version 1.0.0.</summary>
    public static ReadOnlyMemory<byte> Bytes { get; } = "AMQP\u0002\u0001\u0000\u0000"u8.ToArray();

    public static bool Is(ReadOnlySpan<byte> header) => header.SequenceEqual(Bytes.Span);

    /// <summary>Reads as many bytes as a header has, and not one more: what follows belongs to TLS.</summary>
    /// <returns>The header; shorter when the stream ended.</returns>
    public static async ValueTask<ReadOnlyMemory<byte>> ReadAsync(NetworkStream stream, CancellationToken cancellationToken)
    {
        byte[] header = new byte[Length];
        int count = await stream.ReadAtLeastAsync(header, Length, throwOnEndOfStream: false, cancellationToken).ConfigureAwait(false);
        return header.AsMemory(0, count);
    }
}

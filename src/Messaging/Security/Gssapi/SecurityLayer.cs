using System.Buffers.Binary;
using System.Text;

namespace Messaging.Security.Gssapi;

/// <summary>The bytes inside the last two messages of GSSAPI (RFC 4752, 3.1 and 3.3): one of layers, three of a buffer size, and the client's authorization identity. This side never takes a layer: encryption is TLS's business.</summary>
internal static class SecurityLayer
{
    private const byte None = 1;
    private const int Length = 4;
    private static readonly UTF8Encoding Utf8 = new(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true);

    /// <summary>What our listener offers: no layer, so a size of zero.</summary>
    public static ReadOnlySpan<byte> Offer => [None, 0, 0, 0];

    /// <summary>Whether a server's offer lets us go without a layer; null when it is malformed.</summary>
    public static bool? AllowsNone(ReadOnlySpan<byte> offer)
    {
        if (offer.Length != Length || (offer[0] == None && Size(offer) != 0))
            return null;
        return (offer[0] & None) != 0;
    }

    /// <summary>The client's choice: no layer, and who it wants to be; empty for whom its ticket names.</summary>
    public static byte[] Choose(string authorization) => [None, 0, 0, 0, .. Utf8.GetBytes(authorization)];

    /// <summary>Reads a client's choice; false when it is malformed or names a layer, which was not offered.</summary>
    public static bool TryReadChoice(ReadOnlySpan<byte> choice, out string authorization)
    {
        authorization = "";
        if (choice.Length < Length || choice[0] != None || Size(choice) != 0)
            return false;
        try
        {
            authorization = Utf8.GetString(choice[Length..]);
            return !authorization.Contains('\0', StringComparison.Ordinal);
        }
        catch (DecoderFallbackException)
        {
            return false;
        }
    }

    private static int Size(ReadOnlySpan<byte> message) => (int)(BinaryPrimitives.ReadUInt32BigEndian(message) & 0xff_ffff);
}

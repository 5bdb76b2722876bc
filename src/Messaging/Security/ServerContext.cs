using Messaging.Transport;

namespace Messaging.Security;

internal static class ServerContext
{
    /// <summary>What the mechanisms of a listener may know of a connection.</summary>
    public static SaslServerContext Of(ITransport transport, string? hostname = null, IReadOnlyList<string>? offered = null) => new()
    {
        Hostname = hostname,
        RemoteEndPoint = transport.RemoteEndPoint,
        IsEncrypted = transport.IsSecure || transport.IsInProcess,
        ClientCertificate = transport.Security?.RemoteCertificate,
        ServerEndPointBinding = transport.Security?.ServerEndPointBinding ?? default,
        OfferedMechanisms = offered ?? [],
    };
}

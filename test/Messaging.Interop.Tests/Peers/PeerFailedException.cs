namespace Messaging.Interop.Tests.Peers;

/// <summary>A peer did not do what the test needs of it before anything of ours was tested.</summary>
internal sealed class PeerFailedException(string message) : Exception(message);

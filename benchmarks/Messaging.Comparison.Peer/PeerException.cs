namespace Comparison.Peer;

/// <summary>The client did something that this peer does not serve. The connection ends, the reason goes to standard error.</summary>
internal sealed class PeerException(string message) : Exception(message);

namespace Messaging.Testing.Peers;

/// <summary>Leaves the conversation of a scripted peer that has died.</summary>
internal sealed class PeerDiedException : Exception;

namespace Messaging;

/// <summary>A link that is attached and does nothing; see <see cref="WatchdogOptions"/>.</summary>
/// <param name="link">The link.</param>
/// <param name="duration">For how long.</param>
/// <param name="peerAnswers">Whether the peer answered when it was asked; always <see langword="true"/> for a sender without credit.</param>
public sealed class LinkStalledEventArgs(ILink link, TimeSpan duration, bool peerAnswers) : EventArgs
{
    /// <summary>The link: an <see cref="ISender"/> without credit, or an <see cref="IReceiver"/> with credit to which nothing comes.</summary>
    public ILink Link { get; } = link;

    /// <summary>For how long it has been stalled.</summary>
    public TimeSpan Duration { get; } = duration;

    /// <summary>Whether the peer answered when it was asked for a sign of life of the link.</summary>
    public bool PeerAnswers { get; } = peerAnswers;
}

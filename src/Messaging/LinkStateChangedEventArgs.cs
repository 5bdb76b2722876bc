namespace Messaging;

/// <summary>A change of <see cref="ILink.State"/>.</summary>
/// <param name="previous">The state before: <see cref="LinkState.Lost"/> before <see cref="LinkState.Attached"/> says that the link has recovered.</param>
/// <param name="current">The state now.</param>
/// <param name="cause">What caused the change, if it was an error.</param>
public sealed class LinkStateChangedEventArgs(LinkState previous, LinkState current, MessagingException? cause) : EventArgs
{
    /// <summary>The state before.</summary>
    public LinkState Previous { get; } = previous;

    /// <summary>The state now.</summary>
    public LinkState Current { get; } = current;

    /// <summary>What caused the change; <see langword="null"/> when it was no error.</summary>
    public MessagingException? Cause { get; } = cause;
}

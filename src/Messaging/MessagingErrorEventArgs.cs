namespace Messaging;

/// <summary>An error that ended a connection, session or link, or one line of it. It is told once, in the widest scope that it ended.</summary>
/// <param name="scope">What it ended.</param>
/// <param name="exception">The error.</param>
/// <param name="isRecovering">Whether what it ended comes back.</param>
public sealed class MessagingErrorEventArgs(ErrorScope scope, MessagingException exception, bool isRecovering) : EventArgs
{
    /// <summary>What it ended.</summary>
    public ErrorScope Scope { get; } = scope;

    /// <summary>The error.</summary>
    public MessagingException Exception { get; } = exception;

    /// <summary>Whether what it ended is opened, begun or attached again.</summary>
    public bool IsRecovering { get; } = isRecovering;

    /// <summary>The session, for <see cref="ErrorScope.Session"/>.</summary>
    public ISession? Session { get; init; }

    /// <summary>The link, for <see cref="ErrorScope.Link"/>.</summary>
    public ILink? Link { get; init; }
}

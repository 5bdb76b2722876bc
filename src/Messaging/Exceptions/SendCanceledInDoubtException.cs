namespace Messaging;

/// <summary>The wait for a send was cancelled after its last frame was written: the message may have arrived and its outcome is unknown.</summary>
public sealed class SendCanceledInDoubtException : OperationCanceledException
{
    /// <summary>Creates the exception.</summary>
    /// <param name="message">What happened, and on which link.</param>
    /// <param name="cancellationToken">The token that was cancelled.</param>
    public SendCanceledInDoubtException(string message, CancellationToken cancellationToken)
        : base(message, cancellationToken)
    {
    }
}

namespace Messaging.Testing.Peers;

/// <summary>The moments of a conversation at which a scripted peer may die: right after the last thing named, instead of the next.</summary>
public enum PeerStage
{
    /// <summary>TCP is up; no byte was sent.</summary>
    Accept,

    /// <summary>The header of the SASL layer was exchanged.</summary>
    Header,

    /// <summary>The mechanisms were told.</summary>
    SaslMechanisms,

    /// <summary>The login succeeded.</summary>
    SaslOutcome,

    /// <summary>The AMQP header was exchanged.</summary>
    AmqpHeader,

    /// <summary>Both opens were exchanged.</summary>
    Open,

    /// <summary>A session was begun.</summary>
    Begin,

    /// <summary>A link was attached.</summary>
    Attach,

    /// <summary>Credit was given.</summary>
    Flow,

    /// <summary>The first frame of a message has passed, more are to come.</summary>
    BetweenFrames,

    /// <summary>A whole message has passed and is not settled.</summary>
    BeforeDisposition,

    /// <summary>A message was settled.</summary>
    AfterDisposition,

    /// <summary>The receiver asked to drain; the answer is missing.</summary>
    Drain,

    /// <summary>One side detached; the answer is missing.</summary>
    Detach,

    /// <summary>One side ended the session; the answer is missing.</summary>
    End,

    /// <summary>One side closed the connection; the answer is missing.</summary>
    Close,

    /// <summary>A peer that behaves to the end.</summary>
    Never,
}

/// <summary>How a scripted peer dies, or what it does to a part of the conversation.</summary>
public enum Death
{
    /// <summary>It ends the stream in order, without a close.</summary>
    Fin,

    /// <summary>It resets the connection.</summary>
    Reset,

    /// <summary>It says nothing more and reads nothing more; TCP stays up.</summary>
    Silence,

    /// <summary>It closes the connection with an error, and behaves otherwise.</summary>
    Close,

    /// <summary>It ends the session with an error, and behaves otherwise.</summary>
    End,

    /// <summary>It detaches the link with an error, and behaves otherwise.</summary>
    Detach,
}

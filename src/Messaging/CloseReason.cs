using Messaging.Amqp;

namespace Messaging;

/// <summary>Why a connection, session or link ended.</summary>
/// <param name="Initiator">Who ended it.</param>
/// <param name="Exception">The error that ended it, as pending and later calls throw it; <see langword="null"/> when it was closed without an error.</param>
public sealed record CloseReason(CloseInitiator Initiator, MessagingException? Exception = null)
{
    /// <summary>Of a link that the peer has ended: whether it has closed it, so that there is nothing left to resume. False for one that was only detached, or whose session or connection has ended.</summary>
    public bool IsClosedByPeer { get; init; }

    /// <summary>Whether the peer was silent, or took no bytes, for too long: the network is taken for lost, whatever error we have told the peer.</summary>
    internal bool IsTimeout { get; init; }

    /// <summary>The AMQP error, if there was one.</summary>
    public AmqpError? Error => Exception?.Error;
}

/// <summary>Who ended a connection, session or link.</summary>
public enum CloseInitiator
{
    /// <summary>The application on this side.</summary>
    Local = 0,

    /// <summary>The peer.</summary>
    Remote = 1,

    /// <summary>The network, or a violation of the protocol or a time-out that this side detected.</summary>
    Transport = 2,
}

namespace Messaging;

/// <summary>Why an authentication failed.</summary>
public enum SaslFailure
{
    /// <summary>The peer refused the user, password, token or certificate (AMQP 1.0 part 5, 5.3.3.6, outcome 1). Not transient.</summary>
    CredentialsRefused,

    /// <summary>No mechanism is offered by the server, allowed by the options and possible with the credentials. Not transient.</summary>
    NoCommonMechanism,

    /// <summary>The server has not proved that it knows the user's password or ticket, or somebody has tampered with the exchange. Not transient.</summary>
    ServerNotAuthentic,

    /// <summary>The peer broke the rules of SASL or of the mechanism. Not transient.</summary>
    ProtocolViolation,

    /// <summary>The server could not decide for a fault of its own that stays (outcomes 2, sys, and 3, sys-perm). Not transient.</summary>
    ServerFault,

    /// <summary>The server could not decide for a fault of its own that passes (outcome 4, sys-temp). Transient.</summary>
    ServerUnavailable,

    /// <summary>The credential provider failed. Transient, unless it says otherwise by an exception of the SDK.</summary>
    CredentialsUnavailable,

    /// <summary>The mechanism itself failed on this side: a ticket that is not there, a custom mechanism that threw. Transient only when the network was to blame.</summary>
    MechanismFailed,

    /// <summary>The peer was silent, or slow, for longer than <see cref="ConnectionOptions.HandshakeTimeout"/> or <see cref="ListenerOptions.HandshakeTimeout"/>. Transient.</summary>
    Timeout,
}

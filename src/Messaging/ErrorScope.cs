namespace Messaging;

/// <summary>What an error ended.</summary>
public enum ErrorScope
{
    /// <summary>The network, TLS or the login: the peer could not say why.</summary>
    Transport = 0,

    /// <summary>The connection: the peer closed it with an error, or this side did because the peer broke the protocol.</summary>
    Connection = 1,

    /// <summary>A session.</summary>
    Session = 2,

    /// <summary>A link.</summary>
    Link = 3,
}

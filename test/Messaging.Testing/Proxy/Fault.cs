namespace Messaging.Testing.Proxy;

/// <summary>What may happen to a connection.</summary>
public enum Fault
{
    /// <summary>FIN both ways.</summary>
    Drop,

    /// <summary>RST both ways.</summary>
    Reset,

    /// <summary>FIN to the server; the client can still receive.</summary>
    HalfCloseToServer,

    /// <summary>FIN to the client; it can still send into the void.</summary>
    HalfCloseToClient,

    /// <summary>A black hole both ways, while TCP stays up.</summary>
    Swallow,

    SwallowToServer,
    SwallowToClient,

    /// <summary>Nothing passes until it is released; nothing is lost.</summary>
    Hold,
}

/// <summary>What a proxy does with a connection that arrives.</summary>
public enum Admission
{
    Pass,

    /// <summary>Nobody listens: connection refused.</summary>
    Refuse,

    /// <summary>Accepted and closed in order at once.</summary>
    AcceptAndClose,

    /// <summary>Accepted and reset at once.</summary>
    AcceptAndReset,

    /// <summary>Accepted, and then silence.</summary>
    AcceptAndHang,
}

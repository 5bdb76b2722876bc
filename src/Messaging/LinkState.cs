namespace Messaging;

/// <summary>Where a link stands.</summary>
public enum LinkState
{
    /// <summary>Being attached for the first time.</summary>
    Attaching = 0,

    /// <summary>Attached: for the first time, or again.</summary>
    Attached = 1,

    /// <summary>Lost, with its connection, its session or alone, and being attached again.</summary>
    Lost = 2,

    /// <summary>Ended: see <see cref="ILink.Closed"/>.</summary>
    Detached = 3,
}

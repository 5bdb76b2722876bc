using System.ComponentModel.DataAnnotations;

namespace Messaging;

/// <summary>Options of a session. A copy is taken when it is begun.</summary>
public sealed class SessionOptions
{
    /// <summary>How many transfer frames the peer may send ahead on all links of the session together (part 2, 2.5.6).</summary>
    /// <value>2,048 frames. Range 1 to 1,000,000.</value>
    [Range(1, 1_000_000)]
    public int IncomingWindow { get; set; } = 2048;

    internal SessionOptions Freeze()
    {
        Require.Range(IncomingWindow, 1, 1_000_000);
        return (SessionOptions)MemberwiseClone();
    }
}

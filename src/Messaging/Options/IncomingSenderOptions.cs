using Messaging.Amqp;
using Messaging.Amqp.Framing;
using Messaging.Client;

namespace Messaging;

/// <summary>How an incoming link is accepted as a sender.</summary>
public sealed class IncomingSenderOptions
{
    /// <summary>The real source: its address, and the filters and capabilities that are honoured.</summary>
    /// <value><see langword="null"/>: as asked for.</value>
    public Source? Source { get; set; }

    /// <summary>The target.</summary>
    /// <value><see langword="null"/>: as asked for.</value>
    public Target? Target { get; set; }

    /// <summary>Whether the application answers a drain itself with <see cref="ISender.DrainedAsync"/>; otherwise it is answered as soon as nothing is queued.</summary>
    /// <value><see langword="false"/>.</value>
    public bool ManualDrain { get; set; }

    /// <summary>The capabilities offered in <c>attach</c>.</summary>
    /// <value>Empty.</value>
    public IReadOnlyList<Symbol> OfferedCapabilities { get; set; } = [];

    /// <summary>The properties told in <c>attach</c>.</summary>
    /// <value><see langword="null"/>: none.</value>
    public IReadOnlyDictionary<Symbol, object?>? Properties { get; set; }

    /// <summary>What this side considers unsettled of an earlier attach of the link, by delivery tag (part 2, 2.6.13): the answer to <see cref="IIncomingLink.Unsettled"/>. What does not fit into a frame is left out, and the map marked as incomplete.</summary>
    /// <value><see langword="null"/>: nothing is resumed.</value>
    public IReadOnlyDictionary<ReadOnlyMemory<byte>, DeliveryState?>? Unsettled { get; set; }

    internal IncomingSenderOptions Freeze()
    {
        var copy = (IncomingSenderOptions)MemberwiseClone();
        copy.OfferedCapabilities = Require.Copy(OfferedCapabilities);
        copy.Source = Encodable.RequireOption(nameof(Source), new Attach { Source = copy.Source }).Source;
        copy.Target = (Target?)Encodable.RequireOption(nameof(Target), new Attach { Target = copy.Target }).Target;
        copy.Properties = Encodable.RequireOption(nameof(Properties), new Attach { Properties = copy.Properties }).Properties;
        copy.Unsettled = UnsettledTags.FromWire(Encodable.RequireOption(nameof(Unsettled), new Attach { Unsettled = UnsettledTags.ToWire(copy.Unsettled) }).Unsettled);
        return copy;
    }
}

using System.ComponentModel.DataAnnotations;
using Messaging.Amqp;
using Messaging.Amqp.Framing;
using Messaging.Client;

namespace Messaging;

/// <summary>How an incoming link is accepted as a receiver.</summary>
public sealed class IncomingReceiverOptions
{
    /// <summary>The source.</summary>
    /// <value><see langword="null"/>: as asked for.</value>
    public Source? Source { get; set; }

    /// <summary>The real target: its address, and the capabilities that are honoured.</summary>
    /// <value><see langword="null"/>: as asked for.</value>
    public Target? Target { get; set; }

    /// <summary>How many messages the peer may be ahead; 0 is manual credit. The window opens with the first receive call.</summary>
    /// <value>100 messages. Range 0 to 1,000,000.</value>
    [Range(0, 1_000_000)]
    public int CreditWindow { get; set; } = 100;

    /// <summary>The credit given right with the accepting <c>attach</c>, with a <see cref="CreditWindow"/> of 0.</summary>
    /// <value>0. Range 0 to 1,000,000.</value>
    [Range(0, 1_000_000)]
    public int InitialCredit { get; set; }

    /// <summary>See <see cref="ReceiverOptions.AutoAccept"/>.</summary>
    /// <value><see langword="true"/>.</value>
    public bool AutoAccept { get; set; } = true;

    /// <summary>See <see cref="ReceiverOptions.MaxMessageSize"/>.</summary>
    /// <value>64 MiB. Range 0 to 2,147,483,591.</value>
    [Range(0, 2_147_483_591)]
    public long MaxMessageSize { get; set; } = 64 * 1024 * 1024;

    /// <summary>The capabilities offered in <c>attach</c>.</summary>
    /// <value>Empty.</value>
    public IReadOnlyList<Symbol> OfferedCapabilities { get; set; } = [];

    /// <summary>The properties told in <c>attach</c>.</summary>
    /// <value><see langword="null"/>: none.</value>
    public IReadOnlyDictionary<Symbol, object?>? Properties { get; set; }

    /// <summary>What this side considers unsettled of an earlier attach of the link, by delivery tag (part 2, 2.6.13): the answer to <see cref="IIncomingLink.Unsettled"/>. What does not fit into a frame is left out, and the map marked as incomplete.</summary>
    /// <value><see langword="null"/>: nothing is resumed.</value>
    public IReadOnlyDictionary<ReadOnlyMemory<byte>, DeliveryState?>? Unsettled { get; set; }

    internal IncomingReceiverOptions Freeze()
    {
        Require.Range(CreditWindow, 0, 1_000_000);
        Require.Range(InitialCredit, 0, 1_000_000);
        Require.Range(MaxMessageSize, 0, 2_147_483_591);
        if (InitialCredit > 0 && CreditWindow > 0)
            throw new ArgumentException("InitialCredit needs a CreditWindow of 0 (manual credit).", nameof(InitialCredit));
        var copy = (IncomingReceiverOptions)MemberwiseClone();
        copy.OfferedCapabilities = Require.Copy(OfferedCapabilities);
        copy.Source = Encodable.RequireOption(nameof(Source), new Attach { Source = copy.Source }).Source;
        copy.Target = (Target?)Encodable.RequireOption(nameof(Target), new Attach { Target = copy.Target }).Target;
        copy.Properties = Encodable.RequireOption(nameof(Properties), new Attach { Properties = copy.Properties }).Properties;
        copy.Unsettled = UnsettledTags.FromWire(Encodable.RequireOption(nameof(Unsettled), new Attach { Unsettled = UnsettledTags.ToWire(copy.Unsettled) }).Unsettled);
        return copy;
    }
}

using System.ComponentModel.DataAnnotations;
using Messaging.Amqp;
using Messaging.Amqp.Framing;
using Messaging.Client;

namespace Messaging;

/// <summary>Options of a receiver. A copy is taken when it is created.</summary>
public sealed class ReceiverOptions
{
    /// <summary>The link's name. A durable subscription needs a stable one.</summary>
    /// <value><see langword="null"/>: a generated one.</value>
    public string? Name { get; set; }

    /// <summary>The source asked for: address, durability, filters, capabilities such as <c>queue</c>, <c>topic</c>, <c>shared</c>.</summary>
    /// <value>A source without an address.</value>
    public Source Source { get; set; } = new();

    /// <summary>The target told to the peer.</summary>
    /// <value>One with the container id as its address.</value>
    public Target? Target { get; set; }

    /// <summary>How many messages the peer may be ahead of the application (prefetch). It also bounds memory: window × message size. 0 is manual credit: <see cref="IReceiver.AddCreditAsync"/>.</summary>
    /// <value>100 messages. Range 0 to 1,000,000.</value>
    [Range(0, 1_000_000)]
    public int CreditWindow { get; set; } = 100;

    /// <summary>Whether <see cref="IReceiver.ReceiveAllAsync(CancellationToken)"/> accepts a delivery that the body did not settle when the loop asks for the next one.</summary>
    /// <value><see langword="true"/>.</value>
    public bool AutoAccept { get; set; } = true;

    /// <summary>How many deliveries may be handed out and not settled; no more credit is given beyond it.</summary>
    /// <value><see langword="null"/>: no limit. At least 1.</value>
    [Range(1, int.MaxValue)]
    public int? MaxUnsettled { get; set; }

    /// <summary>The largest message in bytes that this side takes (part 2, 2.7.3, <c>max-message-size</c>); a larger one ends the link. 0 for no limit.</summary>
    /// <value>64 MiB. Range 0 to 2,147,483,591.</value>
    [Range(0, 2_147_483_591)]
    public long MaxMessageSize { get; set; } = 64 * 1024 * 1024;

    /// <summary>How the peer is asked to settle what it sends.</summary>
    /// <value><see cref="SenderSettleMode.Mixed"/>: as it likes.</value>
    public SenderSettleMode SenderSettleMode { get; set; } = SenderSettleMode.Mixed;

    /// <summary>When this side settles: with <see cref="ReceiverSettleMode.Second"/> only after the sender has (exactly once, part 2, 2.6.12).</summary>
    /// <value><see cref="ReceiverSettleMode.First"/>.</value>
    public ReceiverSettleMode SettleMode { get; set; } = ReceiverSettleMode.First;

    /// <summary>The capabilities desired in <c>attach</c>.</summary>
    /// <value>Empty.</value>
    public IReadOnlyList<Symbol> DesiredCapabilities { get; set; } = [];

    /// <summary>The capabilities offered in <c>attach</c>.</summary>
    /// <value>Empty.</value>
    public IReadOnlyList<Symbol> OfferedCapabilities { get; set; } = [];

    /// <summary>The properties told in <c>attach</c>.</summary>
    /// <value><see langword="null"/>: none.</value>
    public IReadOnlyDictionary<Symbol, object?>? Properties { get; set; }

    internal ReceiverOptions Freeze()
    {
        ArgumentNullException.ThrowIfNull(Source);
        Require.NotEmpty(Name);
        Require.Range(CreditWindow, 0, 1_000_000);
        Require.Range(MaxUnsettled ?? 1, 1, int.MaxValue, nameof(MaxUnsettled));
        Require.Range(MaxMessageSize, 0, 2_147_483_591);
        Require.Defined(SenderSettleMode);
        Require.Defined(SettleMode);
        var copy = (ReceiverOptions)MemberwiseClone();
        copy.DesiredCapabilities = Require.Copy(DesiredCapabilities);
        copy.OfferedCapabilities = Require.Copy(OfferedCapabilities);
        Encodable.RequireOption(nameof(Name), new Attach { Name = copy.Name! });
        copy.Source = Encodable.RequireOption(nameof(Source), new Attach { Source = copy.Source }).Source!;
        copy.Target = (Target?)Encodable.RequireOption(nameof(Target), new Attach { Target = copy.Target }).Target;
        copy.Properties = Encodable.RequireOption(nameof(Properties), new Attach { Properties = copy.Properties }).Properties;
        return copy;
    }
}

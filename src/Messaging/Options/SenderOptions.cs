using Messaging.Amqp;
using Messaging.Amqp.Framing;
using Messaging.Client;

namespace Messaging;

/// <summary>Options of a sender. A copy is taken when it is created.</summary>
public sealed class SenderOptions
{
    /// <summary>The link's name. Names must be unique per direction between two containers.</summary>
    /// <value><see langword="null"/>: a generated one.</value>
    public string? Name { get; set; }

    /// <summary>The target asked for: address, durability, capabilities such as <c>queue</c> or <c>topic</c>.</summary>
    /// <value>A target without an address.</value>
    public Target Target { get; set; } = new();

    /// <summary>The source told to the peer.</summary>
    /// <value>One with the container id as its address.</value>
    public Source? Source { get; set; }

    /// <summary>How deliveries are settled: <see cref="SenderSettleMode.Settled"/> sends without waiting for an outcome (at most once).</summary>
    /// <value><see cref="SenderSettleMode.Unsettled"/>.</value>
    public SenderSettleMode SettleMode { get; set; } = SenderSettleMode.Unsettled;

    /// <summary>When the receiving side is asked to settle.</summary>
    /// <value><see cref="ReceiverSettleMode.First"/>.</value>
    public ReceiverSettleMode ReceiverSettleMode { get; set; } = ReceiverSettleMode.First;

    /// <summary>What becomes of messages that were sent and not settled when the connection is lost.</summary>
    /// <value><see cref="ConnectionLossBehavior.Resend"/>.</value>
    public ConnectionLossBehavior OnConnectionLoss { get; set; } = ConnectionLossBehavior.Resend;

    /// <summary>Whether each message is marked with a unique application property <c>_AMQ_DUPL_ID</c>, by which Artemis drops a message that it gets twice after a lost connection. A message that has the property keeps it.</summary>
    /// <value><see langword="false"/>.</value>
    public bool DuplicateDetection { get; set; }

    /// <summary>The capabilities desired in <c>attach</c>.</summary>
    /// <value>Empty.</value>
    public IReadOnlyList<Symbol> DesiredCapabilities { get; set; } = [];

    /// <summary>The capabilities offered in <c>attach</c>.</summary>
    /// <value>Empty.</value>
    public IReadOnlyList<Symbol> OfferedCapabilities { get; set; } = [];

    /// <summary>The properties told in <c>attach</c>.</summary>
    /// <value><see langword="null"/>: none.</value>
    public IReadOnlyDictionary<Symbol, object?>? Properties { get; set; }

    internal SenderOptions Freeze()
    {
        ArgumentNullException.ThrowIfNull(Target);
        Require.NotEmpty(Name);
        Require.Defined(SettleMode);
        Require.Defined(ReceiverSettleMode);
        Require.Defined(OnConnectionLoss);
        var copy = (SenderOptions)MemberwiseClone();
        copy.DesiredCapabilities = Require.Copy(DesiredCapabilities);
        copy.OfferedCapabilities = Require.Copy(OfferedCapabilities);
        Encodable.RequireOption(nameof(Name), new Attach { Name = copy.Name! });
        copy.Source = Encodable.RequireOption(nameof(Source), new Attach { Source = copy.Source }).Source;
        copy.Target = (Target)Encodable.RequireOption(nameof(Target), new Attach { Target = copy.Target }).Target!;
        copy.Properties = Encodable.RequireOption(nameof(Properties), new Attach { Properties = copy.Properties }).Properties;
        return copy;
    }
}

using Messaging.Amqp;

namespace Messaging;

/// <summary>A link that the peer wants to attach: accept it as a sender or a receiver of this side, or refuse it, once.</summary>
public interface IIncomingLink
{
    /// <summary>The role that this side would have: <see cref="LinkRole.Sender"/> when the peer wants to receive.</summary>
    LinkRole Role { get; }

    /// <summary>The link's name.</summary>
    string Name { get; }

    /// <summary>The source asked for; <see langword="null"/> when the peer sent none.</summary>
    Source? Source { get; }

    /// <summary>The target asked for; <see langword="null"/> when the peer sent none, or a transaction coordinator (which is refused until transactions exist).</summary>
    Target? Target { get; }

    /// <summary>How the sending side wants to settle.</summary>
    SenderSettleMode SenderSettleMode { get; }

    /// <summary>How the receiving side wants to settle.</summary>
    ReceiverSettleMode ReceiverSettleMode { get; }

    /// <summary>The properties of the peer's <c>attach</c>; empty when it sent none.</summary>
    IReadOnlyDictionary<Symbol, object?> RemoteProperties { get; }

    /// <summary>The capabilities that the peer offers.</summary>
    IReadOnlyList<Symbol> RemoteOfferedCapabilities { get; }

    /// <summary>The capabilities that the peer would like.</summary>
    IReadOnlyList<Symbol> RemoteDesiredCapabilities { get; }

    /// <summary>What the peer considers unsettled of an earlier attach of this link, by delivery tag (part 2, 2.6.13), with its state or <see langword="null"/>; <see langword="null"/> when it does not resume anything: then what was unsettled is to be forgotten. Tags are found by their bytes.</summary>
    /// <remarks>Answer it with <see cref="IncomingReceiverOptions.Unsettled"/> or <see cref="IncomingSenderOptions.Unsettled"/>.</remarks>
    IReadOnlyDictionary<ReadOnlyMemory<byte>, DeliveryState?>? Unsettled { get; }

    /// <summary>Whether <see cref="Unsettled"/> holds only a part, so that a tag that is missing there may be unsettled all the same.</summary>
    bool IsUnsettledIncomplete { get; }

    /// <summary>The connection the link is on.</summary>
    IConnection Connection { get; }

    /// <summary>Accepts the link of a peer that wants to receive.</summary>
    /// <param name="options">The real source and target, capabilities; <see langword="null"/> answers what was asked for.</param>
    /// <param name="cancellationToken">Ends the wait; what was accepted meanwhile is closed.</param>
    /// <returns>The sender to that peer.</returns>
    /// <exception cref="InvalidOperationException">The role is <see cref="LinkRole.Receiver"/>, or it was decided already.</exception>
    /// <exception cref="MessagingException">The connection, session or link has ended.</exception>
    /// <exception cref="ArgumentException">An option is out of its range, or AMQP cannot express it; nothing is decided.</exception>
    /// <exception cref="OperationCanceledException">The token was cancelled.</exception>
    ValueTask<ISender> AcceptSenderAsync(IncomingSenderOptions? options = null, CancellationToken cancellationToken = default);

    /// <summary>Accepts the link of a peer that wants to send.</summary>
    /// <param name="options">The real source and target, capabilities, the first credit; <see langword="null"/> answers what was asked for.</param>
    /// <param name="cancellationToken">Ends the wait; what was accepted meanwhile is closed.</param>
    /// <returns>The receiver from that peer.</returns>
    /// <exception cref="InvalidOperationException">The role is <see cref="LinkRole.Sender"/>, or it was decided already.</exception>
    /// <exception cref="MessagingException">The connection, session or link has ended.</exception>
    /// <exception cref="ArgumentException">An option is out of its range, or AMQP cannot express it; nothing is decided.</exception>
    /// <exception cref="OperationCanceledException">The token was cancelled.</exception>
    ValueTask<IReceiver> AcceptReceiverAsync(IncomingReceiverOptions? options = null, CancellationToken cancellationToken = default);

    /// <summary>Refuses the link: the peer sees an <c>attach</c> without a terminus followed by <c>detach</c> with the error (part 2, 2.6.3).</summary>
    /// <param name="error">Why.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <returns>A task that completes when the refusal is on its way.</returns>
    /// <exception cref="ArgumentException"><paramref name="error"/> has something that AMQP cannot express.</exception>
    /// <exception cref="InvalidOperationException">It was decided already.</exception>
    /// <exception cref="MessagingException">The connection has ended, so the peer has no need of an answer.</exception>
    /// <exception cref="OperationCanceledException">The token was cancelled; it is refused all the same.</exception>
    ValueTask RefuseAsync(AmqpError error, CancellationToken cancellationToken = default);
}

using Messaging.Amqp;

namespace Messaging;

/// <summary>Creates links: what <see cref="IConnection"/> (on its default session) and <see cref="ISession"/> have in common.</summary>
/// <remarks>Every method waits for the peer's <c>attach</c> and throws when the peer refuses the link (AMQP 1.0 part 2, 2.6.3).
/// Without a token a call is bounded by <see cref="ConnectionOptions.OperationTimeout"/> and then throws <see cref="TimeoutException"/>.
/// On a session that has ended, closed here or not, every method throws <see cref="SessionException"/>, on a connection that has ended <see cref="MessagingConnectionException"/>.</remarks>
public interface ILinkFactory
{
    /// <summary>Creates a sender to the address that the connection's URL names as its path, else to the anonymous terminus: each message's <see cref="Message.To"/> says where it goes.</summary>
    /// <param name="cancellationToken">Ends the wait; a half-open link is detached.</param>
    /// <returns>The attached sender.</returns>
    /// <exception cref="LinkException">The peer refused the link.</exception>
    ValueTask<ISender> CreateSenderAsync(CancellationToken cancellationToken = default);

    /// <summary>Creates a sender to an address.</summary>
    /// <param name="address">The target address at the peer, such as a queue's name.</param>
    /// <param name="cancellationToken">Ends the wait; a half-open link is detached.</param>
    /// <returns>The attached sender.</returns>
    /// <exception cref="LinkException">The peer refused the link.</exception>
    ValueTask<ISender> CreateSenderAsync(string address, CancellationToken cancellationToken = default);

    /// <summary>Creates a sender to an address with options.</summary>
    /// <param name="address">The target address; it replaces that of <see cref="SenderOptions.Target"/>.</param>
    /// <param name="options">Copied before the call returns.</param>
    /// <param name="cancellationToken">Ends the wait; a half-open link is detached.</param>
    /// <returns>The attached sender.</returns>
    /// <exception cref="ArgumentException">An option is out of its range.</exception>
    /// <exception cref="LinkException">The peer refused the link.</exception>
    ValueTask<ISender> CreateSenderAsync(string address, SenderOptions options, CancellationToken cancellationToken = default);

    /// <summary>Creates a sender as the options say.</summary>
    /// <param name="options">Copied before the call returns; a <see cref="SenderOptions.Target"/> without an address is the anonymous terminus, or a dynamic node if it says so.</param>
    /// <param name="cancellationToken">Ends the wait; a half-open link is detached.</param>
    /// <returns>The attached sender.</returns>
    /// <exception cref="ArgumentException">An option is out of its range.</exception>
    /// <exception cref="LinkException">The peer refused the link.</exception>
    ValueTask<ISender> CreateSenderAsync(SenderOptions options, CancellationToken cancellationToken = default);

    /// <summary>Creates a receiver from the address that the connection's URL names as its path, else from a dynamic node that the peer makes: its address is <see cref="Terminus.Address"/> of <see cref="ILink.Source"/>.</summary>
    /// <param name="cancellationToken">Ends the wait; a half-open link is detached.</param>
    /// <returns>The attached receiver.</returns>
    /// <exception cref="LinkException">The peer refused the link.</exception>
    ValueTask<IReceiver> CreateReceiverAsync(CancellationToken cancellationToken = default);

    /// <summary>Creates a receiver from an address.</summary>
    /// <param name="address">The source address at the peer, such as a queue's name.</param>
    /// <param name="cancellationToken">Ends the wait; a half-open link is detached.</param>
    /// <returns>The attached receiver. No message flows before the first receive call.</returns>
    /// <exception cref="LinkException">The peer refused the link.</exception>
    ValueTask<IReceiver> CreateReceiverAsync(string address, CancellationToken cancellationToken = default);

    /// <summary>Creates a receiver from an address with options.</summary>
    /// <param name="address">The source address; it replaces that of <see cref="ReceiverOptions.Source"/>.</param>
    /// <param name="options">Copied before the call returns.</param>
    /// <param name="cancellationToken">Ends the wait; a half-open link is detached.</param>
    /// <returns>The attached receiver.</returns>
    /// <exception cref="ArgumentException">An option is out of its range.</exception>
    /// <exception cref="LinkException">The peer refused the link.</exception>
    ValueTask<IReceiver> CreateReceiverAsync(string address, ReceiverOptions options, CancellationToken cancellationToken = default);

    /// <summary>Creates a receiver as the options say.</summary>
    /// <param name="options">Copied before the call returns; a <see cref="ReceiverOptions.Source"/> without an address asks for a dynamic node.</param>
    /// <param name="cancellationToken">Ends the wait; a half-open link is detached.</param>
    /// <returns>The attached receiver.</returns>
    /// <exception cref="ArgumentException">An option is out of its range.</exception>
    /// <exception cref="LinkException">The peer refused the link.</exception>
    ValueTask<IReceiver> CreateReceiverAsync(ReceiverOptions options, CancellationToken cancellationToken = default);
}

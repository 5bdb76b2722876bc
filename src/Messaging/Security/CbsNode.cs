using System.Collections.Concurrent;
using System.Globalization;
using Messaging.Amqp;
using Messaging.Client;

namespace Messaging.Security;

/// <summary>The <c>$cbs</c> node of the peer: a link for requests and one for their answers, on a session of their own that goes with the line (AMQP Claims-based Security 1.0, working draft).</summary>
internal sealed class CbsNode : IAsyncDisposable
{
    public const string Address = "$cbs";

    /// <summary>No answer needs more.</summary>
    private const int MaxAnswerSize = 64 * 1024;

    private readonly ConcurrentDictionary<string, TaskCompletionSource<CbsAnswer>> _pending = new(StringComparer.Ordinal);
    private readonly Connection _connection;
    private readonly SessionEndpoint _session;
    private readonly ISender _sender;
    private readonly IReceiver _receiver;
    private readonly string _replyTo;
    private long _lastRequest;

    private CbsNode(Connection connection, SessionEndpoint session, ISender sender, IReceiver receiver, string replyTo)
    {
        _connection = connection;
        _session = session;
        _sender = sender;
        _receiver = receiver;
        _replyTo = replyTo;
        _ = ReadAnswersAsync();
        _ = FailWhenClosedAsync();
    }

    /// <summary>Whether one of its links has ended.</summary>
    public bool HasEnded => _sender.Closed.IsCompleted || _receiver.Closed.IsCompleted;

    private string Name => _connection.Loop.Settings.Name;

    /// <exception cref="LinkException">The peer has no such node, or does not let us.</exception>
    public static async Task<CbsNode> OpenAsync(Connection connection, CancellationToken cancellationToken)
    {
        string replyTo = $"cbs-{Guid.NewGuid():N}";
        var session = new SessionEndpoint(connection) { IsAdopted = true, IsInternal = true };
        await connection.BeginSessionAsync(session, cancellationToken).ConfigureAwait(false);
        try
        {
            var requests = new SenderOptions { Target = new Target { Address = Address }, Source = new Source { Address = replyTo }, SettleMode = SenderSettleMode.Settled };
            ISender sender = await session.CreateSenderAsync(requests, cancellationToken).ConfigureAwait(false);
            var answers = new ReceiverOptions { Source = new Source { Address = Address }, Target = new Target { Address = replyTo }, MaxMessageSize = MaxAnswerSize };
            IReceiver receiver = await session.CreateReceiverAsync(answers, cancellationToken).ConfigureAwait(false);
            return new CbsNode(connection, session, sender, receiver, replyTo);
        }
        catch (LinkException exception)
        {
            await session.DisposeAsync().ConfigureAwait(false);
            throw new LinkException(
                $"{exception.Message} Tokens are put there because ConnectionOptions.Cbs is set: leave it null for a server without claims-based security.", exception.Error, exception.IsTransient, exception);
        }
        catch
        {
            await session.DisposeAsync().ConfigureAwait(false);
            throw;
        }
    }

    /// <summary>Puts a token and waits for the answer.</summary>
    /// <exception cref="LinkException">The peer refused it, gave a malformed answer, or ended the links.</exception>
    public async Task PutAsync(string audience, CbsToken token, CancellationToken cancellationToken)
    {
        string id = Interlocked.Increment(ref _lastRequest).ToString(CultureInfo.InvariantCulture);
        var answer = new TaskCompletionSource<CbsAnswer>(TaskCreationOptions.RunContinuationsAsynchronously);
        _pending[id] = answer;
        try
        {
            if (HasEnded)
                throw Lost();
            await _sender.SendAsync(Request(id, audience, token), cancellationToken).ConfigureAwait(false);
            (await answer.Task.WaitAsync(cancellationToken).ConfigureAwait(false)).ThrowUnlessTaken(Name, audience, token);
        }
        catch (ObjectDisposedException)
        {
            throw Lost();
        }
        finally
        {
            _pending.TryRemove(id, out _);
        }
    }

    public ValueTask DisposeAsync() => _session.DisposeAsync();

    private Message Request(string id, string audience, CbsToken token)
    {
        var request = Message.FromValue(token.Value);
        request.MessageId = id;
        request.ReplyTo = _replyTo;
        request.ApplicationProperties["operation"] = "put-token";
        request.ApplicationProperties["type"] = token.Type;
        request.ApplicationProperties["name"] = audience;
        request.ApplicationProperties["expiration"] = token.ExpiresAt;
        return request;
    }

    private async Task ReadAnswersAsync()
    {
        try
        {
            await foreach (IDelivery delivery in _receiver.ReceiveAllAsync(CancellationToken.None).ConfigureAwait(false))
                Read(delivery.Message);
        }
        catch (Exception exception) when (exception is MessagingException or ObjectDisposedException)
        {
            // The link has ended: that fails what waits for it.
        }
    }

    private void Read(Message message)
    {
        try
        {
            if (message.CorrelationId is { } id && _pending.TryGetValue(Convert.ToString(id, CultureInfo.InvariantCulture)!, out TaskCompletionSource<CbsAnswer>? waiting))
                waiting.TrySetResult(CbsAnswer.Read(message));
            else
                CbsLog.Unasked(_connection.Loop.Settings.Logger, Name);
        }
        catch (AmqpCodecException)
        {
            CbsLog.Unasked(_connection.Loop.Settings.Logger, Name); // not even its properties can be read: whose answer it is stays unknown
        }
    }

    private async Task FailWhenClosedAsync()
    {
        await Task.WhenAny(_sender.Closed, _receiver.Closed).ConfigureAwait(false);
        foreach (TaskCompletionSource<CbsAnswer> waiting in _pending.Values)
            waiting.TrySetException(Lost());
    }

    private LinkException Lost()
    {
        MessagingException? cause = (_sender.Closed.IsCompleted ? _sender : (ILink)_receiver).Closed is { IsCompletedSuccessfully: true } closed ? closed.Result.Exception as MessagingException : null;
        return new LinkException($"Connection {Name}: the links to $cbs have ended: {cause?.Message ?? "the connection was closed here."}", cause?.Error, cause?.IsTransient ?? true, cause);
    }
}

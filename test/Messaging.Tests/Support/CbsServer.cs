using System.Collections.Concurrent;
using Messaging.Amqp;

namespace Messaging.Tests.Support;

/// <summary>A server that demands a token for each address before it lets a link be attached, and takes tokens at <c>$cbs</c>.</summary>
internal sealed class CbsServer : IAsyncDisposable
{
    private readonly CancellationTokenSource _stop = new();
    private readonly ConcurrentDictionary<string, TaskCompletionSource<ISender>> _replies = new(StringComparer.Ordinal); // a request may come before the accepting of its link is through
    private readonly Task _running;

    private CbsServer(TestPair pair)
    {
        Pair = pair;
        _running = RunAsync();
    }

    public TestPair Pair { get; }

    /// <summary>Every request: audience, token, type, operation, expiration.</summary>
    public ConcurrentQueue<Message> Requests { get; } = [];

    /// <summary>Links at <c>$cbs</c>, of both directions.</summary>
    public int NodeLinks { get; private set; }

    /// <summary>The addresses of the links that were let in, in order.</summary>
    public ConcurrentQueue<string> Attached { get; } = [];

    /// <summary>The accepted connections, the newest last.</summary>
    public ConcurrentQueue<IConnection> Connections { get; } = [];

    /// <summary>The audiences that have a token on the newest connection.</summary>
    public ConcurrentDictionary<string, string> Granted { get; } = new(StringComparer.Ordinal);

    /// <summary>Makes the answer to a request; null for none. The default is 202 and keeps the token.</summary>
    public Func<Message, Message?>? Answer { get; set; }

    public static async Task<CbsServer> StartAsync(MessagingClientOptions? client = null, ListenerOptions? listener = null, bool tcp = false) =>
        new(await TestPair.ListenAsync(listener ?? new ListenerOptions { IdleTimeout = TimeSpan.Zero }, client, tcp));

    public async Task<IConnection> ConnectAsync(CbsOptions cbs, TimeSpan? operationTimeout = null, bool allowInsecure = false) => await Pair.Client.ConnectAsync(
        new ConnectionOptions
        {
            Url = Pair.Listener.Url,
            Cbs = cbs,
            AllowInsecureMechanisms = allowInsecure,
            IdleTimeout = TimeSpan.Zero,
            OperationTimeout = operationTimeout ?? TimeSpan.FromSeconds(60),
        },
        BoundedWaits.Stop).Bounded();

    public static Message Reply(Message request, object? code, string? text = null) => new()
    {
        CorrelationId = request.MessageId,
        ApplicationProperties = { ["status-code"] = code, ["status-description"] = text },
    };

    public static string Audience(Message request) => (string)request.ApplicationProperties["name"]!;

    /// <summary>Closes the newest connection, as a server does that restarts.</summary>
    public async Task DropAsync() =>
        await Connections.Last().CloseAsync(new AmqpError(ErrorCondition.ConnectionForced, "restart"), BoundedWaits.Stop).Bounded();

    /// <summary>Ends the links at <c>$cbs</c> that answers go out on.</summary>
    public Task CloseReplyLinksAsync(AmqpError error) => Task.WhenAll(_replies.Values.Select(async link => await (await link.Task.Bounded()).CloseAsync(error, BoundedWaits.Stop).Bounded()));

    public async ValueTask DisposeAsync()
    {
        await Pair.DisposeAsync();
        await _stop.CancelAsync();
        await _running.Bounded();
    }

    private async Task RunAsync()
    {
        try
        {
            await foreach (IIncomingConnection incoming in Pair.Listener.AcceptAllAsync(_stop.Token))
            {
                IConnection connection = await incoming.AcceptAsync(_stop.Token);
                Granted.Clear();
                Connections.Enqueue(connection);
                _ = ServeAsync(connection);
            }
        }
        catch (OperationCanceledException)
        {
            // The test is over.
        }
    }

    private async Task ServeAsync(IConnection connection)
    {
        try
        {
            await foreach (IIncomingLink link in connection.IncomingLinksAsync(_stop.Token))
                _ = ServeAsync(link);
        }
        catch (Exception exception) when (exception is MessagingException or OperationCanceledException)
        {
            await connection.DisposeAsync();
        }
    }

    private async Task ServeAsync(IIncomingLink link)
    {
        string address = (link.Role == LinkRole.Sender ? link.Source?.Address : link.Target?.Address) ?? "";
        if (address == "$cbs")
            NodeLinks++;
        if (address == "$cbs" && link.Role == LinkRole.Sender)
            ReplyLink(link.Target!.Address!).TrySetResult(await link.AcceptSenderAsync(null, _stop.Token));
        else if (address == "$cbs")
            await AnswerAsync(await link.AcceptReceiverAsync(null, _stop.Token));
        else if (address.Length > 0 && !Granted.Keys.Any(audience => audience.EndsWith($"/{address}", StringComparison.Ordinal)))
            await link.RefuseAsync(new AmqpError(ErrorCondition.UnauthorizedAccess, "no token"), _stop.Token);
        else
            await AcceptAsync(link, address);
    }

    private TaskCompletionSource<ISender> ReplyLink(string address) =>
        _replies.GetOrAdd(address, static _ => new TaskCompletionSource<ISender>(TaskCreationOptions.RunContinuationsAsynchronously));

    private async Task AcceptAsync(IIncomingLink link, string address)
    {
        if (link.Role == LinkRole.Sender)
            await link.AcceptSenderAsync(null, _stop.Token);
        else
            await link.AcceptReceiverAsync(null, _stop.Token);
        Attached.Enqueue(address);
    }

    private async Task AnswerAsync(IReceiver requests)
    {
        try
        {
            await foreach (IDelivery delivery in requests.ReceiveAllAsync(_stop.Token))
            {
                Message request = delivery.Message;
                string token = (string)request.Body!;
                Func<Message, Message?>? scripted = Answer; // who sees the request may change it for the next one
                Requests.Enqueue(request);
                if (scripted is null)
                    Granted[Audience(request)] = token;
                if ((scripted is null ? Reply(request, 202, "Accepted") : scripted(request)) is { } answer)
                    await (await ReplyLink(request.ReplyTo!).Task.WaitAsync(_stop.Token)).SendAsync(answer, _stop.Token);
            }
        }
        catch (Exception exception) when (exception is MessagingException or OperationCanceledException)
        {
            // The client is gone.
        }
    }
}

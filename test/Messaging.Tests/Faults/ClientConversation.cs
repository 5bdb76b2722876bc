using System.Runtime.CompilerServices;

namespace Messaging.Tests.Faults;

/// <summary>What an application does, step by step, with a server that may die at any of them.</summary>
internal sealed class ClientConversation(MessagingClient client, ConnectionOptions options)
{
    public const string Connect = "connect", Begin = "begin", Attach = "attach", Send = "send", Receive = "receive", Settle = "settle", Drain = "drain", Close = "close";

    /// <summary>The call that is under way.</summary>
    public string Step { get; private set; } = Connect;

    /// <summary>The longest call, and how long it took.</summary>
    public (TimeSpan Duration, string Call) Longest { get; private set; }

    public IConnection? Connection { get; private set; }

    public ILink? Link { get; private set; }

    public Task RunAsync(bool isReceiver) => isReceiver ? ReceiveAsync() : SendAsync();

    private async Task SendAsync()
    {
        ISession session = await BeginAsync();
        ISender sender = await CallAsync(session.CreateSenderAsync("q", new SenderOptions { Name = "the-link" }));
        Link = sender;
        Step = Send;
        await CallAsync(sender.SendAsync(new Message(new string('x', 2000))));
        await CallAsync(sender.SendAsync(new Message("second")));
        await CloseAsync(session);
    }

    private async Task ReceiveAsync()
    {
        ISession session = await BeginAsync();
        IReceiver receiver = await CallAsync(session.CreateReceiverAsync("q", new ReceiverOptions { Name = "the-link", CreditWindow = 0 }));
        Link = receiver;
        Step = Receive;
        await CallAsync(receiver.AddCreditAsync(2));
        using IDelivery delivery = await CallAsync(receiver.ReceiveAsync());
        Step = Settle;
        await CallAsync(delivery.AcceptAsync());
        Step = Receive;
        using IDelivery second = await CallAsync(receiver.ReceiveAsync());
        Step = Settle;
        await CallAsync(second.AcceptAsync());
        Step = Drain;
        await CallAsync(receiver.AddCreditAsync(5));
        await CallAsync(receiver.DrainAsync());
        await CloseAsync(session);
    }

    private async Task<ISession> BeginAsync()
    {
        Connection = await CallAsync(client.ConnectAsync(options));
        Step = Begin;
        ISession session = await CallAsync(Connection.CreateSessionAsync());
        Step = Attach;
        return session;
    }

    private async Task CloseAsync(ISession session)
    {
        Step = Close;
        await CallAsync(Link!.CloseAsync());
        await CallAsync(session.CloseAsync());
        await CallAsync(Connection!.CloseAsync());
    }

    private async Task<T> CallAsync<T>(ValueTask<T> call, [CallerArgumentExpression(nameof(call))] string text = "")
    {
        long start = TimeProvider.System.GetTimestamp();
        try
        {
            return await call;
        }
        finally
        {
            TimeSpan duration = TimeProvider.System.GetElapsedTime(start);
            if (duration > Longest.Duration)
                Longest = (duration, text);
        }
    }

    private Task CallAsync(ValueTask call, [CallerArgumentExpression(nameof(call))] string text = "")
    {
        return CallAsync(new ValueTask<bool>(WaitAsync()), text);

        async Task<bool> WaitAsync()
        {
            await call;
            return true;
        }
    }
}

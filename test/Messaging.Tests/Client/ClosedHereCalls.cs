using Messaging.Amqp;

namespace Messaging.Tests.Client;

/// <summary>A call on something that was closed by this side.</summary>
/// <param name="RunAsync">Makes it; an exception that it throws faults the task.</param>
/// <param name="IsHarmless">Whether it succeeds.</param>
internal sealed record ClosedHereCall(Func<object, Task> RunAsync, bool IsHarmless);

/// <summary>All public methods and events of links, sessions, connections and deliveries, with the arguments to call them.</summary>
internal static class ClosedHereCalls
{
    private static CancellationToken Stop => BoundedWaits.Stop;
    private static readonly Message Message = new("late");

    public static IReadOnlyDictionary<string, ClosedHereCall> All { get; } = new Dictionary<string, ClosedHereCall>(StringComparer.Ordinal)
    {
        ["SendAsync(Message, CancellationToken)"] = Fails<ISender>(sender => sender.SendAsync(Message, Stop).AsTask()),
        ["SendTrackedAsync(Message, CancellationToken)"] = Fails<ISender>(sender => sender.SendTrackedAsync(Message, Stop).AsTask()),
        ["SendBatchAsync(IEnumerable<Message>, CancellationToken)"] = Fails<ISender>(sender => sender.SendBatchAsync([Message], Stop).AsTask()),
        ["TrySend(Message, ISentDelivery)"] = Fails<ISender>(sender => Task.FromResult(sender.TrySend(Message, out _))),
        ["WaitForCreditAsync(CancellationToken)"] = Fails<ISender>(sender => sender.WaitForCreditAsync(Stop).AsTask()),
        ["WaitForDrainAsync(CancellationToken)"] = Fails<ISender>(sender => sender.WaitForDrainAsync(Stop).AsTask()),
        ["DrainedAsync(CancellationToken)"] = Fails<ISender>(sender => sender.DrainedAsync(Stop).AsTask()),

        ["ReceiveAllAsync(CancellationToken)"] = Fails<IReceiver>(receiver => EnumerateAsync(receiver.ReceiveAllAsync(Stop))),
        ["ReceiveAllAsync(Int32, CancellationToken)"] = Fails<IReceiver>(receiver => EnumerateAsync(receiver.ReceiveAllAsync(1, Stop))),
        ["ReceiveAsync(CancellationToken)"] = Fails<IReceiver>(receiver => receiver.ReceiveAsync(Stop).AsTask()),
        ["TryReceive(IDelivery)"] = Fails<IReceiver>(receiver => Task.FromResult(receiver.TryReceive(out _))),
        ["ProcessAsync(Func<IDelivery, CancellationToken, ValueTask>, Int32, CancellationToken)"] = Fails<IReceiver>(receiver => receiver.ProcessAsync((_, _) => default, 1, Stop).AsTask()),
        ["AddCreditAsync(Int32, CancellationToken)"] = Fails<IReceiver>(receiver => receiver.AddCreditAsync(1, Stop).AsTask()),
        ["DrainAsync(CancellationToken)"] = Fails<IReceiver>(receiver => receiver.DrainAsync(Stop).AsTask()),

        ["CreateSenderAsync(CancellationToken)"] = Fails<ILinkFactory>(factory => factory.CreateSenderAsync(Stop).AsTask()),
        ["CreateSenderAsync(String, CancellationToken)"] = Fails<ILinkFactory>(factory => factory.CreateSenderAsync("q", Stop).AsTask()),
        ["CreateSenderAsync(String, SenderOptions, CancellationToken)"] = Fails<ILinkFactory>(factory => factory.CreateSenderAsync("q", new SenderOptions(), Stop).AsTask()),
        ["CreateSenderAsync(SenderOptions, CancellationToken)"] = Fails<ILinkFactory>(factory => factory.CreateSenderAsync(new SenderOptions(), Stop).AsTask()),
        ["CreateReceiverAsync(CancellationToken)"] = Fails<ILinkFactory>(factory => factory.CreateReceiverAsync(Stop).AsTask()),
        ["CreateReceiverAsync(String, CancellationToken)"] = Fails<ILinkFactory>(factory => factory.CreateReceiverAsync("q", Stop).AsTask()),
        ["CreateReceiverAsync(String, ReceiverOptions, CancellationToken)"] = Fails<ILinkFactory>(factory => factory.CreateReceiverAsync("q", new ReceiverOptions(), Stop).AsTask()),
        ["CreateReceiverAsync(ReceiverOptions, CancellationToken)"] = Fails<ILinkFactory>(factory => factory.CreateReceiverAsync(new ReceiverOptions(), Stop).AsTask()),
        ["CreateSessionAsync(SessionOptions, CancellationToken)"] = Fails<IConnection>(connection => connection.CreateSessionAsync(null, Stop).AsTask()),
        ["IncomingLinksAsync(CancellationToken)"] = Succeeds<IConnection>(connection => EnumerateAsync(connection.IncomingLinksAsync(Stop))), // a stream ends when it was closed here

        ["AcceptAsync(CancellationToken)"] = Fails<IDelivery>(delivery => delivery.AcceptAsync(Stop).AsTask()),
        ["RejectAsync(AmqpError, CancellationToken)"] = Fails<IDelivery>(delivery => delivery.RejectAsync(null, Stop).AsTask()),
        ["ReleaseAsync(CancellationToken)"] = Fails<IDelivery>(delivery => delivery.ReleaseAsync(Stop).AsTask()),
        ["ModifyAsync(Boolean, Boolean, CancellationToken)"] = Fails<IDelivery>(delivery => delivery.ModifyAsync(true, true, Stop).AsTask()),
        ["ModifyAsync(Modified, CancellationToken)"] = Fails<IDelivery>(delivery => delivery.ModifyAsync(new Modified(), Stop).AsTask()),
        ["Dispose()"] = Succeeds<IDelivery>(delivery =>
        {
            delivery.Dispose();
            delivery.Dispose();
            return Task.CompletedTask;
        }),

        ["DetachAsync(CancellationToken)"] = Succeeds<ILink>(link => link.DetachAsync(Stop).AsTask()),
        ["CloseAsync(CancellationToken)"] = Succeeds<object>(subject => subject switch
        {
            ILink link => link.CloseAsync(Stop).AsTask(),
            ISession session => session.CloseAsync(Stop).AsTask(),
            _ => ((IConnection)subject).CloseAsync(Stop).AsTask(),
        }),
        ["CloseAsync(AmqpError, CancellationToken)"] = Succeeds<object>(subject => subject switch
        {
            ILink link => link.CloseAsync(new AmqpError(ErrorCondition.InternalError), Stop).AsTask(),
            ISession session => session.CloseAsync(new AmqpError(ErrorCondition.InternalError), Stop).AsTask(),
            _ => ((IConnection)subject).CloseAsync(new AmqpError(ErrorCondition.InternalError), Stop).AsTask(),
        }),
        ["CloseAsync(TimeSpan, CancellationToken)"] = Succeeds<IConnection>(connection => connection.CloseAsync(TimeSpan.FromMinutes(1), Stop).AsTask()),
        ["DisposeAsync()"] = Succeeds<IAsyncDisposable>(subject => subject.DisposeAsync().AsTask()),

        ["event StateChanged"] = Succeeds<object>(static subject =>
        {
            if (subject is ILink link)
                link.StateChanged += static (_, _) => { };
            else
                ((IConnection)subject).StateChanged += static (_, _) => { };
            return Task.CompletedTask;
        }),
        ["event ErrorOccurred"] = Succeeds<IConnection>(static connection =>
        {
            connection.ErrorOccurred += static (_, _) => { };
            return Task.CompletedTask;
        }),
        ["event LinkStalled"] = Succeeds<IConnection>(static connection =>
        {
            connection.LinkStalled += static (_, _) => { };
            return Task.CompletedTask;
        }),
    };

    private static ClosedHereCall Fails<T>(Func<T, Task> call) => new(subject => CallAsync(() => call((T)subject)), IsHarmless: false);

    private static ClosedHereCall Succeeds<T>(Func<T, Task> call) => new(subject => CallAsync(() => call((T)subject)), IsHarmless: true);

    private static async Task CallAsync(Func<Task> call) => await call();

    private static async Task EnumerateAsync<T>(IAsyncEnumerable<T> stream)
    {
        await foreach (T _ in stream)
        {
        }
    }
}

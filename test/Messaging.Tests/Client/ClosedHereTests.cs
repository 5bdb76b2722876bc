using System.Reflection;
using Messaging.Amqp;
using Messaging.Tests.Support;

namespace Messaging.Tests.Client;

/// <summary>Every public member of what was closed by this side: reading it is fine, closing it again too, and everything else says at once that it was closed here and what to do. A new member is found by reflection and wants a line in <see cref="ClosedHereCalls"/>.</summary>
public sealed class ClosedHereTests
{
    private static readonly Type[] Kinds = [typeof(ISender), typeof(IReceiver), typeof(ISession), typeof(IConnection), typeof(IDelivery)];

    public static TheoryData<string, string> Members => [.. Kinds.SelectMany(kind => MembersOf(kind).Select(member => (kind.Name, member)))];

    [Theory]
    [MemberData(nameof(Members))]
    public async Task Member_OfWhatWasClosedHere_SaysSoOrIsHarmless(string kind, string member)
    {
        await using TestPair pair = await TestPair.OpenAsync();
        object subject = await ClosedAsync(pair, kind, static subject => CloseAsync(subject));

        await AssertAsync(subject, kind, member);
    }

    [Theory]
    [MemberData(nameof(Members))]
    public async Task Member_OfWhatWasDisposedTwice_SaysSoOrIsHarmless(string kind, string member)
    {
        await using TestPair pair = await TestPair.OpenAsync();
        object subject = await ClosedAsync(pair, kind, static async subject =>
        {
            await DisposeAsync(subject);
            await DisposeAsync(subject);
        });

        await AssertAsync(subject, kind, member);
    }

    [Theory]
    [MemberData(nameof(Members))]
    public async Task Member_OfAConnectionThatWasClosedHere_SaysSoOrIsHarmless(string kind, string member)
    {
        await using TestPair pair = await TestPair.OpenAsync();
        object subject = await ClosedAsync(pair, kind, _ => pair.Connection.CloseAsync(BoundedWaits.Stop).AsTask());

        await AssertAsync(subject, kind, member);
    }

    [Fact]
    public void Calls_ThatNoMemberHas_AreNotListed()
    {
        string[] members = [.. Kinds.SelectMany(MembersOf)];

        Assert.Empty(ClosedHereCalls.All.Keys.Except(members, StringComparer.Ordinal));
    }

    private static async Task AssertAsync(object subject, string kind, string member)
    {
        if (member.StartsWith("get ", StringComparison.Ordinal))
        {
            PropertyInfo property = Inherited(Kinds.Single(other => other.Name == kind)).SelectMany(type => type.GetProperties()).First(property => $"get {property.Name}" == member);
            _ = property.GetValue(subject);
            return;
        }

        Assert.True(ClosedHereCalls.All.TryGetValue(member, out ClosedHereCall? call), $"{kind}.{member} is new: say in ClosedHereCalls what it does on what was closed here.");
        Task calling = call.RunAsync(subject);
        if (call.IsHarmless)
        {
            await calling.Bounded();
            return;
        }

        Assert.True(calling.IsCompleted || subject is ISession or IConnection, "It does not fail at the call.");
        Exception exception = await calling.ThrowsAny<Exception>();
        (Type type, string advice) = subject switch
        {
            ISession { Connection.Closed.IsCompleted: false } => (typeof(SessionException), "begin a new one"),
            ISession or IConnection => (typeof(MessagingConnectionException), "open a new one"),
            _ => (typeof(ObjectDisposedException), "create a new one"),
        };
        Assert.IsType(type, exception);
        Assert.Contains($"closed here: {advice}", exception.Message, StringComparison.Ordinal);
    }

    /// <summary>A subject of this kind, closed.</summary>
    private static async Task<object> ClosedAsync(TestPair pair, string kind, Func<object, Task> close)
    {
        switch (kind)
        {
            case nameof(ISender):
                (ISender sender, _) = await pair.SendingLinkAsync();
                await close(sender).Bounded();
                return sender;
            case nameof(IReceiver):
                (IReceiver receiver, _) = await pair.ReceivingLinkAsync(new ReceiverOptions { CreditWindow = 0 });
                await close(receiver).Bounded();
                return receiver;
            case nameof(ISession):
                ISession session = await pair.Connection.CreateSessionAsync(cancellationToken: BoundedWaits.Stop).Bounded();
                await close(session).Bounded();
                return session;
            case nameof(IDelivery):
                (IReceiver source, ISender peer) = await pair.ReceivingLinkAsync();
                ValueTask<IDelivery> receiving = source.ReceiveAsync(BoundedWaits.Stop);
                _ = await peer.SendTrackedAsync(new Message("x"), BoundedWaits.Stop).Bounded();
                IDelivery delivery = await receiving.Bounded();
                await close(source).Bounded();
                return delivery;
            default:
                await close(pair.Connection).Bounded();
                return pair.Connection;
        }
    }

    private static Task CloseAsync(object subject) => subject switch
    {
        ILink link => link.CloseAsync(BoundedWaits.Stop).AsTask(),
        ISession session => session.CloseAsync(BoundedWaits.Stop).AsTask(),
        _ => ((IConnection)subject).CloseAsync(BoundedWaits.Stop).AsTask(),
    };

    private static Task DisposeAsync(object subject) => ((IAsyncDisposable)subject).DisposeAsync().AsTask();

    private static IEnumerable<string> MembersOf(Type kind) => Inherited(kind).SelectMany(type =>
        type.GetProperties().Select(property => $"get {property.Name}")
            .Concat(type.GetEvents().Select(change => $"event {change.Name}"))
            .Concat(type.GetMethods().Where(method => !method.IsSpecialName).Select(method => $"{method.Name}({string.Join(", ", method.GetParameters().Select(parameter => Text(parameter.ParameterType)))})")));

    private static IEnumerable<Type> Inherited(Type kind) => [kind, .. kind.GetInterfaces()];

    private static string Text(Type type) => type.IsGenericType ? $"{type.Name.Split('`')[0]}<{string.Join(", ", type.GetGenericArguments().Select(Text))}>" : type.Name.TrimEnd('&');
}

using Messaging.Tests.Support;

namespace Messaging.Tests.Robustness;

/// <summary>Every bad input against our listener over TCP: the right answer on the wire, and nobody else is disturbed.</summary>
public sealed class BadInputListenerTests
{
    public static TheoryData<string> Names => [.. All.Select(input => input.Name)];

    internal static BadInput[] All { get; } = [.. BadInput.BeforeOpen, .. BadInput.FromHeaderOn, .. BadInput.OnItsOwnLink];

    [Theory]
    [MemberData(nameof(Names))]
    public async Task Listener_BadInput_AnswersAndLivesOn(string name)
    {
        BadInput input = All.Single(input => input.Name == name);
        await using TestPair pair = await TestPair.ListenAsync(tcp: true);
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(BoundedWaits.Stop);
        List<IConnection> accepted = [];
        Task serving = AttackedListener.ServeAsync(pair.Listener, accepted, stop.Token);
        await using IConnection bystander = await pair.Client.ConnectAsync(pair.Listener.Url, BoundedWaits.Stop).Bounded();
        await using ISender sender = await bystander.CreateSenderAsync("echo", BoundedWaits.Stop).Bounded();
        await using RawPeer peer = await RawPeer.ConnectAsync(pair.Listener.Url);
        await AttackedListener.ReachAsync(peer, input.Stage);

        await peer.SendRawAsync(input.Bytes);
        string reaction = await Reaction.ReadAsync(peer, input);

        Assert.Contains(reaction, input.Reactions, StringComparer.Ordinal);
        await sender.SendAsync(new Message("still here"), BoundedWaits.Stop).Bounded();
        Assert.Equal(ConnectionState.Connected, bystander.State);
        await peer.DisposeAsync();
        await stop.CancelAsync();
        await serving.Bounded();
        await Task.WhenAll(accepted.Select(connection => connection.DisposeAsync().AsTask())).Bounded();
    }
}

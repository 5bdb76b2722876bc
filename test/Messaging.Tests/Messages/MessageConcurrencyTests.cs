using System.Buffers;

namespace Messaging.Tests.Messages;

/// <summary>Readers on several threads against each other and against Release.</summary>
public sealed class MessageConcurrencyTests
{
    private const int Rounds = 500;
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(60);
    private static readonly byte[] Body = [.. Enumerable.Range(0, 300).Select(i => (byte)(i % 200))];

    private static Message Receive() => Wire.RoundTrip(new Message(Body)
    {
        Subject = "subject",
        Durable = true,
        ApplicationProperties = { ["key"] = "value" },
        MessageAnnotations = { ["x-opt-a"] = 1 },
    });

    // Runs the actions of one round at the same moment, many times.
    private static async Task RaceAsync(Func<Message> create, params Action<Message>[] actions)
    {
        Message message = create();
        using Barrier barrier = new(actions.Length, _ => message = create());
        Task[] tasks = [.. actions.Select(action => Task.Factory.StartNew(
            () =>
            {
                for (int i = 0; i < Rounds; i++)
                {
                    barrier.SignalAndWait(Limit);
                    action(message);
                }
            },
            TestContext.Current.CancellationToken,
            TaskCreationOptions.LongRunning,
            TaskScheduler.Default))];

        await Task.WhenAll(tasks).WaitAsync(Limit, TestContext.Current.CancellationToken);
    }

    // What the pool gives out next is overwritten at once, so a late read of a returned block shows.
    private static void ReleaseAndReuse(Message message)
    {
        message.Release(taken: true);
        byte[] next = ArrayPool<byte>.Shared.Rent(512);
        Array.Fill(next, (byte)0xEE);
        ArrayPool<byte>.Shared.Return(next);
    }

    private static void ReadSections(Message message)
    {
        Assert.Equal("subject", message.Subject);
        Assert.True(message.Durable);
        Assert.Equal("value", message.ApplicationProperties["key"]);
        Assert.Equal(1, message.MessageAnnotations["x-opt-a"]);
    }

    [Fact]
    public Task Body_ReadWhileReleased_IsRight() =>
        RaceAsync(Receive, message => Assert.Equal(Body, message.Body), ReadSections, ReleaseAndReuse);

    [Fact]
    public Task Data_UsedWhileReleased_ShowsTheMessageOrThrows() =>
        RaceAsync(
            Receive,
            message =>
            {
                try
                {
                    Assert.Equal(Body.Length, message.Data.Length);
                }
                catch (ObjectDisposedException)
                {
                    // Released first, after another reader had made the view.
                }
            },
            message =>
            {
                try
                {
                    Assert.Equal(Body, message.ToOwned().Body);
                }
                catch (ObjectDisposedException)
                {
                    // Released with a view and without a read body.
                }

                ReadSections(message);
            },
            ReleaseAndReuse);

    [Fact]
    public Task Encoded_ReadWhileReleased_IsSafe() =>
        RaceAsync(
            Receive,
            message => Assert.Equal(Body, Message.FromEncoded(message.Encoded).Body),
            message => Assert.Equal(Body, Wire.RoundTrip(message).Body),
            ReleaseAndReuse);

    [Fact]
    public async Task Body_ReadByTwo_IsOneObject()
    {
        object?[] seen = new object?[2];
        int differences = 0;

        using Barrier second = new(2, _ => differences += ReferenceEquals(seen[0], seen[1]) ? 0 : 1);
        await RaceAsync(
            Receive,
            message =>
            {
                seen[0] = message.Body;
                second.SignalAndWait(Limit);
            },
            message =>
            {
                seen[1] = message.Body;
                second.SignalAndWait(Limit);
            });

        Assert.Equal(0, differences);
    }

    [Fact]
    public async Task Maps_CreatedByTwo_AreOneObject()
    {
        object?[] seen = new object?[2];
        int differences = 0;

        using Barrier second = new(2, _ => differences += ReferenceEquals(seen[0], seen[1]) ? 0 : 1);
        await RaceAsync(
            () => Wire.Receive("00537740"),
            message =>
            {
                seen[0] = message.ApplicationProperties;
                second.SignalAndWait(Limit);
            },
            message =>
            {
                seen[1] = message.ApplicationProperties;
                second.SignalAndWait(Limit);
            });

        Assert.Equal(0, differences);
    }
}

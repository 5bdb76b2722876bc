using Messaging.Testing.Accounting;

namespace Messaging.Tests.Chaos;

/// <summary>The books must show what is wrong, and nothing else.</summary>
public sealed class JournalTests
{
    private readonly Journal _journal = new(seed: 99);

    [Fact]
    public void Report_OfCleanBooks_IsSatisfied()
    {
        Accept(received: 1);
        _journal.Failed(_journal.Begin());
        _journal.Unknown(_journal.Begin());
        long unknown = _journal.Begin();
        _journal.Unknown(unknown);
        _journal.Consumed(unknown, 0, settled: true);
        _journal.Consumed(unknown, 0, settled: true);

        JournalReport report = _journal.Report();

        report.AssertAtLeastOnce();
        Assert.Equal("CHAOS_SEED=99 sent=4 accepted=1 failed=1 unknown=2 pending=0 resent=0 received=2 duplicates=1 unmarked=0 lost=0", report.Line);
        Assert.Equal(report.Sent, report.Accepted + report.Failed + report.Unknown);
        Assert.ThrowsAny<Exception>(report.AssertExactlyOnce);
    }

    [Fact]
    public void Report_OfALoss_NamesTheMessageAndTheSeed()
    {
        Accept(received: 1);
        Accept(received: 0);

        string text = Offence();

        Assert.Contains("1 lost: accepted and never received", text, StringComparison.Ordinal);
        Assert.Contains("message 1: Accepted, 1 attempts, received 0 times", text, StringComparison.Ordinal);
        Assert.Contains("CHAOS_SEED=99", text, StringComparison.Ordinal);
    }

    [Fact]
    public void Report_OfAMessageWithoutAnEnd_SaysSo()
    {
        _journal.Begin();

        Assert.Contains("neither confirmed nor failed", Offence(), StringComparison.Ordinal);
    }

    [Fact]
    public void Report_OfAnEndToldTwice_SaysSo()
    {
        long id = Accept(received: 1);
        _journal.Unknown(id);

        Assert.Contains("ended more than once", Offence(), StringComparison.Ordinal);
    }

    [Fact]
    public void Report_OfAFailedMessageThatArrived_SaysSo()
    {
        long id = _journal.Begin();
        _journal.Failed(id);
        _journal.Consumed(id, 0, settled: true);

        Assert.Contains("received though its sending failed", Offence(), StringComparison.Ordinal);
    }

    [Fact]
    public void Report_OfAMessageThatNobodySent_SaysSo()
    {
        _journal.Consumed(5, 0, settled: true);

        Assert.Contains("1 received but never sent", Offence(), StringComparison.Ordinal);
    }

    [Fact]
    public void Report_OfADuplicate_KnowsWhichOnesAreAllowed()
    {
        long redelivered = Accept(received: 0);
        _journal.Consumed(redelivered, 0, settled: false);
        _journal.Consumed(redelivered, 1, settled: true);
        long resent = Accept(received: 2);
        _journal.Attempts(resent, 2);
        JournalReport allowed = _journal.Report();
        allowed.AssertAtLeastOnce();
        Assert.Equal((2, 0), (allowed.Duplicates, allowed.Unmarked));

        long late = Accept(received: 0);
        _journal.Consumed(late, 2, settled: true);
        _journal.Consumed(late, 1, settled: false); // made before that one, and taken after it
        _journal.Report().AssertAtLeastOnce();

        Accept(received: 2);

        Assert.Contains("1 received again after the settlement had reached the server", Offence(), StringComparison.Ordinal);
        Assert.Equal(1, _journal.Report().Unmarked);
    }

    [Fact]
    public void Report_OfManyOffences_ShowsTheFirstFew()
    {
        for (int i = 0; i < 1000; i++)
            Accept(received: 0);

        string text = Offence();

        Assert.Contains("1000 lost", text, StringComparison.Ordinal);
        Assert.Equal(7, text.Split('\n').Length);
    }

    [Fact]
    public async Task Journal_ManyThreads_LosesNoEntry()
    {
        const int Threads = 4, Messages = 250_000;
        await Task.WhenAll(Enumerable.Range(0, Threads).Select(_ => BoundedWaits.Run(() =>
        {
            for (int i = 0; i < Messages; i++)
                Accept(received: 1);
            return Task.CompletedTask;
        }))).Bounded();

        JournalReport report = _journal.Report();

        report.AssertExactlyOnce();
        Assert.Equal(Threads * Messages, report.Received);
    }

    [Fact]
    public async Task SendAsync_EachWayToEnd_BooksIt()
    {
        var journal = new Journal(1);
        Exception[] failures = [new LinkException("x"), new OperationCanceledException(), new DeliveryInDoubtException("x"), new SendCanceledInDoubtException("x", default)];

        SendEnd accepted = await journal.SendAsync(journal.Begin(), () => default);
        List<SendEnd> ends = [];
        foreach (Exception failure in failures)
            ends.Add(await journal.SendAsync(journal.Begin(), () => ValueTask.FromException(failure)));

        Assert.Equal(SendEnd.Accepted, accepted);
        Assert.Equal([SendEnd.Failed, SendEnd.Failed, SendEnd.Unknown, SendEnd.Unknown], ends);
        await Assert.ThrowsAsync<InvalidTimeZoneException>(() => journal.SendAsync(journal.Begin(), () => ValueTask.FromException(new InvalidTimeZoneException())));
        Assert.Equal(1, journal.Report().Pending);
    }

    private long Accept(int received)
    {
        long id = _journal.Begin();
        for (int i = 0; i < received; i++)
            _journal.Consumed(id, 0, settled: true);
        _journal.Accepted(id);
        return id;
    }

    private string Offence() => Assert.ThrowsAny<Exception>(_journal.Report().AssertAtLeastOnce).Message;
}

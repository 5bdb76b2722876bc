using Messaging.Recovery;
using Microsoft.Extensions.Time.Testing;

namespace Messaging.Tests.Recovery;

/// <summary>The delays alone: what comes after what, and when they begin anew.</summary>
public class BackOffTests
{
    private readonly FakeTimeProvider _time = new();

    [Fact]
    public void Next_Defaults_DoublesToTenSeconds()
    {
        BackOff backOff = Of(new RecoveryOptions { Jitter = 0 });

        Assert.Equal([0, 100, 200, 400, 800, 1600, 3200, 6400, 10_000, 10_000], Milliseconds(backOff, 10));
    }

    [Fact]
    public void Next_Options_AreTaken()
    {
        BackOff backOff = Of(new RecoveryOptions { Jitter = 0, InitialDelay = TimeSpan.FromSeconds(1), Multiplier = 3, MaxDelay = TimeSpan.FromSeconds(5) });

        Assert.Equal([0, 1000, 3000, 5000, 5000], Milliseconds(backOff, 5));
    }

    [Fact]
    public void Next_Jitter_ShortensWithinItsPart_AndTheSameSeedGivesTheSame()
    {
        double[] exact = Milliseconds(Of(new RecoveryOptions { Jitter = 0 }), 20);
        double[] first = Milliseconds(Of(new RecoveryOptions { Jitter = 0.5, JitterSeed = 7 }), 20);
        double[] second = Milliseconds(Of(new RecoveryOptions { Jitter = 0.5, JitterSeed = 7 }), 20);

        Assert.Equal(first, second);
        Assert.All(first.Zip(exact), pair => Assert.InRange(pair.First, pair.Second * 0.5, pair.Second));
        Assert.NotEqual(exact, first);
    }

    [Fact]
    public void Next_DownBeforeTheStablePeriod_GoesOnGrowing_AndBeginsAnewAfterIt()
    {
        BackOff backOff = Of(new RecoveryOptions { Jitter = 0, StablePeriod = TimeSpan.FromSeconds(5) });
        Milliseconds(backOff, 3);

        Up(TimeSpan.FromSeconds(4.9));
        Assert.Equal([400], Milliseconds(backOff, 1));
        Up(TimeSpan.FromSeconds(5));
        Assert.Equal([0, 100], Milliseconds(backOff, 2));

        void Up(TimeSpan duration)
        {
            backOff.OnUp();
            _time.Advance(duration);
            backOff.OnDown();
        }
    }

    [Theory]
    [InlineData(-1, 0)]
    [InlineData(long.MinValue, 0)]
    [InlineData(long.MaxValue, 24 * 24 * 3600 * 1000.0)]
    public void Next_OwnDelayOutOfRange_IsBounded(long ticks, double expected) =>
        Assert.Equal([expected], Milliseconds(new BackOff(new OwnDelay(() => new TimeSpan(ticks)), TimeSpan.Zero, _time), 1));

    [Fact]
    public void Next_OwnDelayThrows_SaysWhoseFaultItIs()
    {
        var backOff = new BackOff(new OwnDelay(() => throw new InvalidOperationException("broken")), TimeSpan.Zero, _time);

        MessagingConnectionException exception = Assert.Throws<MessagingConnectionException>(() => backOff.Next());

        Assert.Contains("RecoveryOptions.Delay", exception.Message, StringComparison.Ordinal);
        Assert.False(exception.IsTransient);
    }

    [Theory]
    [InlineData(-0.5)]
    [InlineData(double.NaN)]
    [InlineData(1.1)]
    public void Freeze_JitterOutOfRange_IsRefused(double jitter) =>
        Assert.Throws<ArgumentOutOfRangeException>(() => new RecoveryOptions { Jitter = jitter }.Freeze());

    [Fact]
    public void Freeze_DelaysOutOfRange_AreRefused()
    {
        Assert.Throws<ArgumentOutOfRangeException>(() => new RecoveryOptions { InitialDelay = Timeout.InfiniteTimeSpan }.Freeze());
        Assert.Throws<ArgumentOutOfRangeException>(() => new RecoveryOptions { MaxDelay = TimeSpan.MaxValue }.Freeze());
        Assert.Throws<ArgumentOutOfRangeException>(() => new RecoveryOptions { Multiplier = 100.5 }.Freeze());
    }

    private BackOff Of(RecoveryOptions options) => new(new ExponentialDelay(options), options.StablePeriod, _time);

    private static double[] Milliseconds(BackOff backOff, int count) => [.. Enumerable.Range(0, count).Select(_ => backOff.Next().TotalMilliseconds)];
}

using System.ComponentModel.DataAnnotations;
using Polly;

namespace Messaging;

/// <summary>How a lost connection is opened anew. A copy is taken when the connection is opened.</summary>
/// <remarks>All URLs are tried in their order before a delay is waited. The delays begin anew only after the connection was up for <see cref="StablePeriod"/>, so that a server that opens and closes at once is not asked again and again without a pause.</remarks>
public sealed class RecoveryOptions
{
    /// <summary>The second delay; the first one is zero.</summary>
    /// <value>100 milliseconds. Above zero, at most <see cref="MaxDelay"/>.</value>
    public TimeSpan InitialDelay { get; set; } = TimeSpan.FromMilliseconds(100);

    /// <summary>By what each later delay is multiplied.</summary>
    /// <value>2. Range 1 to 100.</value>
    [Range(1.0, 100.0)]
    public double Multiplier { get; set; } = 2;

    /// <summary>The longest delay.</summary>
    /// <value>10 seconds. From <see cref="InitialDelay"/> to 24 days.</value>
    public TimeSpan MaxDelay { get; set; } = TimeSpan.FromSeconds(10);

    /// <summary>By which part a delay may be shorter, at random, so that many clients do not come back at the same moment.</summary>
    /// <value>0.2. Range 0 (exact delays) to 1.</value>
    [Range(0.0, 1.0)]
    public double Jitter { get; set; } = 0.2;

    /// <summary>Makes the jitter repeatable, for tests.</summary>
    /// <value><see langword="null"/>: another one each time.</value>
    public int? JitterSeed { get; set; }

    /// <summary>How often the URLs are tried in one outage before the connection is given up.</summary>
    /// <value><see langword="null"/>: without end. At least 1.</value>
    [Range(1, int.MaxValue)]
    public int? MaxAttempts { get; set; }

    /// <summary>How long one outage may last before the connection is given up.</summary>
    /// <value><see cref="Timeout.InfiniteTimeSpan"/>. Above zero and at most 49 days otherwise.</value>
    public TimeSpan MaxDuration { get; set; } = Timeout.InfiniteTimeSpan;

    /// <summary>How long a connection must be up before the delays begin anew.</summary>
    /// <value>5 seconds. Zero or more.</value>
    public TimeSpan StablePeriod { get; set; } = TimeSpan.FromSeconds(5);

    /// <summary>Delays of the application's own, in place of <see cref="InitialDelay"/> to <see cref="JitterSeed"/>.</summary>
    /// <value><see langword="null"/>.</value>
    public IReconnectDelay? Delay { get; set; }

    /// <summary>A pipeline of the application's own around the attempts of one outage, in place of the retries here. An attempt tries all URLs once and throws a <see cref="MessagingException"/>.</summary>
    /// <value><see langword="null"/>.</value>
    /// <remarks>Before it runs, the delay that is due after earlier outages is waited out. It must let the failure of the last attempt through; one that swallows it ends the connection.</remarks>
    public ResiliencePipeline? Pipeline { get; set; }

    /// <summary>How many redirects of a server are followed one after the other: of a connection (<c>amqp:connection:redirect</c>, part 2, 2.8.16), and of a link while it is created (<c>amqp:link:redirect</c>, 2.8.18). With 0 the servers that one names in its <c>open</c> (<c>failover-server-list</c>) are not tried either.</summary>
    /// <value>3. Range 0 (none) to 20.</value>
    /// <remarks>
    /// A redirect never leads from TLS to clear text. User, password, credential provider, claims and mechanisms of the connection go along only when it was told over TLS (or inside the process):
    /// on clear text anybody on the way can tell it. A server of <see cref="ConnectionOptions.Failover"/> has its login in any case.
    /// </remarks>
    [Range(0, 20)]
    public int MaxRedirects { get; set; } = 3;

    internal RecoveryOptions Freeze()
    {
        Require.Range(InitialDelay.Ticks, 1, long.MaxValue, nameof(InitialDelay));
        Require.Range(MaxDelay.Ticks, 1, Recovery.BackOff.Longest.Ticks, nameof(MaxDelay));
        Require.PositiveOrInfinite(MaxDuration);
        Require.Fraction(Multiplier, 1, 100);
        Require.Fraction(Jitter, 0, 1);
        Require.Range(MaxAttempts ?? 1, 1, int.MaxValue, nameof(MaxAttempts));
        Require.Range(MaxRedirects, 0, 20);
        if (MaxDelay < InitialDelay)
            throw new ArgumentOutOfRangeException(nameof(MaxDelay), MaxDelay, $"RecoveryOptions.MaxDelay is {MaxDelay}: it must be at least InitialDelay, {InitialDelay}.");
        if (StablePeriod < TimeSpan.Zero)
            throw new ArgumentOutOfRangeException(nameof(StablePeriod), StablePeriod, "RecoveryOptions.StablePeriod is negative: it must be zero or more.");
        return (RecoveryOptions)MemberwiseClone();
    }
}

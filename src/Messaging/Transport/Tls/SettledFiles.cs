namespace Messaging.Transport;

/// <summary>Files that somebody may be replacing right now, one after the other: what is no good is read again, and stays no good once it has stopped changing.</summary>
internal static class SettledFiles
{
    private const int MaxReadings = 4;

    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(100);

    /// <param name="read">Reads them.</param>
    /// <param name="parse">Makes something of them.</param>
    /// <param name="wereGood">Whether there was a connection with these files: then somebody is at work on them, and whatever they are now may pass.</param>
    /// <param name="time">Where the pauses come from.</param>
    /// <param name="cancellationToken">Ends the attempt.</param>
    /// <exception cref="TlsException">They are no good twice in the same way; or differently each time, which may pass.</exception>
    public static async ValueTask<T> ReadAsync<T>(Func<CancellationToken, ValueTask<byte[][]>> read, Func<byte[][], T> parse, bool wereGood, TimeProvider time, CancellationToken cancellationToken)
    {
        (string Problem, byte[] Hash) before = ("", []);
        for (int reading = 1; ; reading++)
        {
            byte[] hash = [];
            try
            {
                byte[][] contents = await read(cancellationToken).ConfigureAwait(false);
                hash = TlsFile.Hash(contents);
                return parse(contents);
            }
            catch (TlsException e)
            {
                bool isSettled = e.Message == before.Problem && hash.AsSpan().SequenceEqual(before.Hash);
                if (isSettled && !wereGood) throw;
                if (isSettled || reading == MaxReadings) throw new TlsException(e.Message, isTransient: true, innerException: e);
                before = (e.Message, hash);
            }

            await Task.Delay(Pause, time, cancellationToken).ConfigureAwait(false);
        }
    }
}

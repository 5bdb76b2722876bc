using Microsoft.Extensions.Logging;

namespace Messaging.Transport;

/// <summary>What was made of files, made again when they have changed. New files that are no good leave the old ones in force.</summary>
/// <remarks>The contents are compared, not the times: links that are switched over and coarse clocks make no difference, and reading a few kilobytes is nothing beside a TLS handshake.</remarks>
internal sealed class ReloadedFiles<T>(string name, Func<CancellationToken, ValueTask<byte[][]>> read, Func<byte[][], T> parse, ILogger logger)
    where T : class
{
    private readonly Lock _gate = new();
    private byte[] _hash = [];
    private T? _current;
    private string? _problem;
    private long _lastBegun;
    private long _newest; // the reading whose result is in force

    /// <exception cref="TlsException">They are no good, and there are no old ones.</exception>
    public async ValueTask<T> GetAsync(CancellationToken cancellationToken)
    {
        long reading = Interlocked.Increment(ref _lastBegun);
        try
        {
            byte[][] contents = await read(cancellationToken).ConfigureAwait(false);
            lock (_gate) return IsOvertaken(reading) ? _current! : Update(contents);
        }
        catch (TlsException e)
        {
            lock (_gate) return IsOvertaken(reading) ? _current! : Keep(e);
        }
    }

    /// <summary>A reading that began earlier and ended later may hold what the files were before: it must not undo the newer one.</summary>
    private bool IsOvertaken(long reading)
    {
        if (reading < _newest && _current is not null) return true;
        _newest = Math.Max(_newest, reading);
        return false;
    }

    private T Update(byte[][] contents)
    {
        byte[] hash = TlsFile.Hash(contents);
        if (_current is null || !hash.AsSpan().SequenceEqual(_hash))
        {
            T parsed = parse(contents);
            if (_current is not null) TlsLog.FilesReloaded(logger, name);
            (_current, _hash) = (parsed, hash);
        }

        _problem = null;
        return _current;
    }

    private T Keep(TlsException problem)
    {
        if (_current is null) throw problem;
        if (_problem != problem.Message) TlsLog.FilesRefused(logger, name, problem.Message); // once, not for every connection
        _problem = problem.Message;
        return _current;
    }
}

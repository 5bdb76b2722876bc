using System.IO.Pipelines;
using Messaging.Transport;

namespace Messaging.Testing.Simulation;

/// <summary>One direction of a simulated connection: takes bytes in, and hands them on when it is told to.</summary>
internal sealed class SimulatedWay(ITransport from, ITransport to)
{
    private const int MostBytes = 64 * 1024;

    private readonly Queue<byte> _bytes = new();
    private TaskCompletionSource? _room;
    private bool _isEndRead;
    private bool _isEndWanted;
    private bool _isWriting;
    private bool _isOver;

    /// <summary>Whether nothing passes any more, nor ever will.</summary>
    public bool IsOver => _isOver || (IsStalled && _isEndRead);

    /// <summary>Whether something is here to be handed on.</summary>
    public bool IsReady => !IsOver && !_isWriting && !IsStalled && (_bytes.Count > 0 || _isEndRead || _isEndWanted);

    /// <summary>Whether it hands on nothing, for good: the other end is not told.</summary>
    public bool IsStalled { get; set; }

    /// <summary>The other end reads the end of the stream, in the middle of whatever it is.</summary>
    public void EndHere() => _isEndWanted = true;

    public async Task ReadAsync()
    {
        try
        {
            while (!_isEndRead)
                _isEndRead = await ReadSomeAsync();
        }
        catch (MessagingConnectionException)
        {
            to.Abort();
            _isOver = true;
        }
    }

    /// <summary>Hands on some bytes, or the end behind them.</summary>
    public async Task HandOnAsync(int most)
    {
        _isWriting = true;
        try
        {
            if (_bytes.Count == 0 || _isEndWanted)
                await EndAsync();
            else
                await WriteAsync(Math.Min(most, _bytes.Count));
        }
        catch (MessagingConnectionException)
        {
            from.Abort();
            _isOver = true;
        }

        _isWriting = false;
    }

    /// <returns>Whether that was the end.</returns>
    private async Task<bool> ReadSomeAsync()
    {
        ReadResult result = await from.Input.ReadAsync();
        foreach (ReadOnlyMemory<byte> segment in result.Buffer)
        {
            foreach (byte value in segment.Span)
                _bytes.Enqueue(value);
        }

        from.Input.AdvanceTo(result.Buffer.End);
        if (_bytes.Count >= MostBytes)
            await (_room = new TaskCompletionSource()).Task;
        return result.IsCompleted;
    }

    private async Task WriteAsync(int count)
    {
        byte[] part = new byte[count];
        for (int i = 0; i < count; i++)
            part[i] = _bytes.Dequeue();
        if (_bytes.Count < MostBytes)
            Interlocked.Exchange(ref _room, null)?.SetResult();
        await to.Output.WriteAsync(part);
    }

    private async Task EndAsync()
    {
        _isOver = true;
        await to.Output.CompleteAsync();
    }
}

using Amqp;

namespace Comparison.NetLite;

/// <summary>Receives by callback, on the library's own thread: no hop between the socket and the application.</summary>
internal sealed class NetLiteConsumer(RoundSpec spec)
{
    private readonly TaskCompletionSource<Round> _done = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private Meter? _meter;
    private long _count;

    public Task<Round> RunAsync(ReceiverLink receiver)
    {
        receiver.Closed += (_, error) => _done.TrySetException(new InvalidOperationException($"the link was closed: {error}"));
        _meter = Meter.Start(spec);
        receiver.Start(spec.Window, OnMessage);
        return _done.Task;
    }

    private void OnMessage(IReceiverLink receiver, Message message)
    {
        if (_done.Task.IsCompleted)
        {
            return; // what was still on its way when the time was over
        }
        if (NetLiteConnection.BodyLength(message) != spec.BodySize)
        {
            _done.TrySetException(new InvalidOperationException("a body arrived with the wrong length"));
            return;
        }
        receiver.Accept(message);
        _count++;
        if (_meter!.IsOver)
        {
            _done.TrySetResult(_meter.Stop(_count));
        }
    }
}

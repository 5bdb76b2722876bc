using Amqp;
using Amqp.Framing;

namespace Comparison.NetLite;

/// <summary>Sends with a callback per outcome; a semaphore keeps the window.</summary>
internal sealed class NetLitePipeline(SenderLink sender, RoundSpec spec) : IDisposable
{
    private readonly SemaphoreSlim _window = new(spec.Window);
    private readonly byte[] _body = spec.NewBody();
    private Outcome? _refused;

    /// <summary>On a thread of its own: it blocks, and the library's pump needs the pool.</summary>
    public Task<Round> RunAsync() => Task.Factory.StartNew(Run, CancellationToken.None, TaskCreationOptions.LongRunning, TaskScheduler.Default);

    public void Dispose() => _window.Dispose();

    private Round Run()
    {
        OutcomeCallback onOutcome = OnOutcome;
        var meter = Meter.Start(spec);
        long count = 0;
        for (; !meter.IsOver; count++)
        {
            _window.Wait();
            sender.Send(NetLiteConnection.NewMessage(_body), onOutcome, null);
        }
        for (int i = 0; i < spec.Window; i++)
        {
            _window.Wait(); // every outcome is in
        }
        return _refused is null ? meter.Stop(count) : throw new InvalidOperationException($"a send ended with {_refused}");
    }

    private void OnOutcome(ILink link, Message message, Outcome outcome, object state)
    {
        if (outcome is not Accepted)
        {
            _refused = outcome;
        }
        _window.Release();
    }
}

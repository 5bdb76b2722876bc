using Messaging.Recovery;

namespace Messaging.Client;

/// <summary>Sends while the link is lost: within the room for them, the others wait outside, and all start in the order in which they came.</summary>
internal sealed partial class Sender
{
    private readonly OfflineGate _gate = new();
    private readonly StartOrder _order = new();
    private int _outside; // sends that wait for room, and those that did not get in before the stop

    private OfflineRoom Room => Session.Owner.Room;

    /// <summary>Whether a send may not start at once.</summary>
    private bool HasToWait => _gate.IsClosed || !_order.IsEmpty;

    private async ValueTask StartOfflineAsync(SendOperation operation, CancellationToken cancellationToken)
    {
        ValueTask sent;
        using (StartOrder.Turn turn = _order.Enter())
        {
            await EnterAsync(operation, turn, cancellationToken).ConfigureAwait(false);
            sent = Start(operation, cancellationToken);
        }

        await sent.ConfigureAwait(false);
    }

    private ValueTask StartWhenPossibleAsync(TrackedSend send, CancellationToken cancellationToken)
    {
        if (HasToWait)
            return StartOfflineAsync(send, cancellationToken);
        Start(send, cancellationToken);
        return ValueTask.CompletedTask;
    }

    private async ValueTask StartOfflineAsync(TrackedSend send, CancellationToken cancellationToken)
    {
        using StartOrder.Turn turn = _order.Enter();
        await EnterAsync(send, turn, cancellationToken).ConfigureAwait(false);
        Start(send, cancellationToken);
    }

    /// <summary>While the link is lost, only so many sends are queued for when it is back.</summary>
    private async ValueTask EnterAsync(OutgoingSend send, StartOrder.Turn turn, CancellationToken cancellationToken)
    {
        Interlocked.Increment(ref _outside);
        try
        {
            await EnterRoomAsync(send, turn, cancellationToken).ConfigureAwait(false);
        }
        catch when (IsStopping)
        {
            send.ReleaseBuffer();
            throw; // it stays among what was not sent
        }
        catch
        {
            Interlocked.Decrement(ref _outside);
            send.ReleaseBuffer();
            throw;
        }

        Interlocked.Decrement(ref _outside);
    }

    private async ValueTask EnterRoomAsync(OutgoingSend send, StartOrder.Turn turn, CancellationToken cancellationToken)
    {
        TimeProvider time = Loop.Settings.TimeProvider;
        long began = time.GetTimestamp();
        using CancellationTokenSource? timeout = cancellationToken.CanBeCanceled ? null : Loop.OperationTimeout();
        CancellationToken bound = timeout?.Token ?? cancellationToken;
        int bytes = send.Payload.Length;
        try
        {
            send.Place = await Room.EnterAsync(_gate, bytes, bound).ConfigureAwait(false) ? bytes : null;
            await turn.WaitAsync(bound).ConfigureAwait(false);
        }
        catch (OperationCanceledException exception)
        {
            GiveBackPlace(send);
            if (timeout is { IsCancellationRequested: true })
                throw new TimeoutException($"{Description}: the link is lost and not back within {Loop.Settings.OperationTimeout}, and the queue for it is full (MaxPendingSends, MaxPendingBytes); the message was not sent.", exception);
            throw new OperationCanceledException($"{Description}: the send was cancelled; the message was not sent.", exception, cancellationToken);
        }

        send.Waited = time.GetElapsedTime(began);
        try
        {
            ThrowIfEnded();
        }
        catch
        {
            GiveBackPlace(send);
            throw;
        }
    }

    private void GiveBackPlace(OutgoingSend send)
    {
        if (send.Place is { } bytes)
            Room.Leave(bytes);
        send.Place = null;
    }
}

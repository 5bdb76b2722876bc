using Messaging.Amqp;
using Messaging.Broker.Queues;
using Microsoft.Extensions.Logging;

namespace Messaging.Broker.Links;

/// <summary>
/// A link to the anonymous terminus: each message goes to the queue that its <c>To</c> names (OASIS "Using the AMQP Anonymous Terminus for Message Routing").
/// A full queue makes the link wait: the messages behind keep their order, and its credit runs out.
/// </summary>
internal sealed class RelayLink(QueueTable queues, PeerRights rights, BrokerOptions options, ILogger logger, CancellationToken stopping)
{
    private const int MaxWindow = 100;

    /// <summary>How many allowed addresses are remembered.</summary>
    private const int MostAllowed = 1000;

    private readonly HashSet<string> _allowed = new(StringComparer.Ordinal);
    private Queue? _last;

    /// <summary>Serves the link to its end.</summary>
    public async Task<CloseReason> RunAsync(IIncomingLink link, LinkLease? lease)
    {
        IReceiver receiver = await link.AcceptReceiverAsync(new IncomingReceiverOptions
        {
            Target = TargetOf(link.Target!, lease),
            Unsettled = lease?.State.Compare(link.Unsettled, link.IsUnsettledIncomplete),
            CreditWindow = 0,
            AutoAccept = false,
            MaxMessageSize = options.MaxMessageSize,
        }).ConfigureAwait(false);
        lease?.Watch(receiver);
        var intake = new Intake(receiver, rights, logger, link.ReceiverSettleMode, lease?.State, stopping);
        using var gone = new LinkToken(receiver, stopping);
        var credit = new CreditLine(receiver, options.MaxMessageSize);
        Renew(credit);
        try
        {
            await foreach (IDelivery delivery in receiver.ReceiveAllAsync(stopping).ConfigureAwait(false))
            {
                using (delivery)
                {
                    int size = await RelayAsync(delivery, intake, gone.Token).ConfigureAwait(false);
                    credit.Outstanding--;
                    if (size > 0)
                        credit.Measure(size);
                }

                Renew(credit);
            }
        }
        catch (Exception exception) when (receiver.Closed.IsCompleted && exception is MessagingException or OperationCanceledException)
        {
            BrokerLog.LinkEnded(logger, link.Name, "", exception.Message);
        }
        finally
        {
            if (!stopping.IsCancellationRequested)
                await LinkLife.CloseAsync(receiver, new AmqpError(ErrorCondition.InternalError, "the broker could not go on with this link")).ConfigureAwait(false);
            await intake.FinishAsync().ConfigureAwait(false);
        }

        return await receiver.Closed.ConfigureAwait(false);
    }

    private static Target TargetOf(Target asked, LinkLease? lease) => new()
    {
        ExpiryPolicy = lease is null ? TerminusExpiryPolicy.SessionEnd : asked.ExpiryPolicy,
        Timeout = (uint)(lease?.Timeout.TotalSeconds ?? 0),
    };

    /// <summary>No queue bounds the credit, for nobody knows where the messages go: the link is as far ahead as its window, and waits at a full queue with it.</summary>
    private static void Renew(CreditLine credit)
    {
        int missing = Math.Min(credit.Window, MaxWindow) - credit.Outstanding;
        if (missing < credit.Outstanding)
            return;
        credit.Outstanding += missing;
        credit.Give(missing);
    }

    /// <returns>How large the message was, where that is known.</returns>
    private async ValueTask<int> RelayAsync(IDelivery delivery, Intake intake, CancellationToken gone)
    {
        if (delivery.IsResumed)
        {
            await intake.ResumeAsync(delivery).ConfigureAwait(false);
            return 0;
        }

        string? to;
        try
        {
            to = delivery.Message.To;
        }
        catch (AmqpCodecException exception)
        {
            await intake.RefuseAsync(delivery, exception.Error ?? new AmqpError(ErrorCondition.DecodeError, exception.Message)).ConfigureAwait(false);
            return 0;
        }

        if (!string.IsNullOrEmpty(to) && !await IsAllowedAsync(to).ConfigureAwait(false))
        {
            await intake.RefuseAsync(delivery, new AmqpError(ErrorCondition.UnauthorizedAccess, $"not allowed to send to '{to}'")).ConfigureAwait(false);
            return 0;
        }

        if (Find(to) is not { } queue)
        {
            await intake.RefuseAsync(delivery, NoQueue(to)).ConfigureAwait(false);
            return 0;
        }

        if (await intake.ReadAsync(queue, delivery).ConfigureAwait(false) is not { } message)
            return 0;
        await intake.PutAsync(queue, message, delivery, gone).ConfigureAwait(false);
        return message.Size;
    }

    /// <summary>An address that was allowed once stays allowed for this link, as it would for a link of its own.</summary>
    private async ValueTask<bool> IsAllowedAsync(string to)
    {
        if (rights.AreUnlimited || _allowed.Contains(to))
            return true;
        if (!await rights.MaySendToAsync(to, stopping).ConfigureAwait(false))
            return false;
        if (_allowed.Count == MostAllowed)
            _allowed.Clear();
        _allowed.Add(to);
        return true;
    }

    private Queue? Find(string? to)
    {
        if (_last is { } last && string.Equals(last.Address, to, StringComparison.Ordinal) && !last.Deleted.IsCompleted)
            return last;
        return _last = string.IsNullOrEmpty(to) ? null : queues.Find(to);
    }

    private static AmqpError NoQueue(string? to) => string.IsNullOrEmpty(to)
        ? new AmqpError(ErrorCondition.InvalidField, "the message has no 'to', which the anonymous terminus needs")
        : new AmqpError(ErrorCondition.NotFound, $"there is no queue '{to}'");
}

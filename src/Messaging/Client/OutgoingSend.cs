using Messaging.Amqp;
using Messaging.Amqp.Engine;
using Messaging.Loop;

namespace Messaging.Client;

/// <summary>A message on its way out: encoded by the caller, owned by the loop from the post to its completion.</summary>
internal abstract class OutgoingSend : OutgoingDelivery, ILoopCommand
{
    private AmqpWriter _buffer = new(256);

    public Sender Sender { get; private set; } = null!;

    /// <summary>Neighbours in the sender's list. Owned by the loop.</summary>
    public OutgoingSend? Older { get; set; }

    public OutgoingSend? Newer { get; set; }

    /// <summary>Whether it is in the sender's list. Owned by the loop.</summary>
    public bool IsListed { get; set; }

    /// <summary>The bytes for which it has a place in the room for sends on lost links; null for none.</summary>
    public int? Place { get; set; }

    /// <summary>How much of its time it has waited before it was queued.</summary>
    public TimeSpan Waited { get; set; }

    /// <summary>Whether the last frame is written, so that the peer may have the message. Owned by the loop.</summary>
    public bool IsSent { get; set; }

    /// <summary>Whether it was sent on a link that is lost, and is to be compared with what the peer has of it. Owned by the loop.</summary>
    public bool IsSuspended { get; set; }

    /// <summary>How often it was completely sent as new.</summary>
    public int Attempts { get; private set; }

    /// <summary>Whether the peer may have the message.</summary>
    public bool MayHaveArrived => Attempts > 0;

    /// <summary>When the wait for credit is over, in milliseconds of the loop's clock.</summary>
    public long Deadline { get; set; } = long.MaxValue;

    /// <summary>Whether the call has no token and so the operation time-out.</summary>
    public bool IsTimed { get; set; }

    /// <summary>Whether the wait for the outcome is over before it. Owned by the loop.</summary>
    public bool IsLeft { get; set; }

    /// <summary>Encodes the message, on the caller's thread: errors of size and type surface here.</summary>
    public void Encode(Sender sender, Message message, bool settled)
    {
        Sender = sender;
        MessageEncoder.Encode(message, _buffer, sender.NextDuplicateId());
        ulong limit = sender.MaxMessageSize;
        if (limit != 0 && (ulong)_buffer.Length > limit)
        {
            int size = _buffer.Length;
            ReleaseBuffer();
            throw new ArgumentException($"The message has {size} bytes; {sender.Description} takes at most {limit} bytes (max-message-size). Send it in parts, or raise the limit at the peer.", nameof(message));
        }

        Payload = _buffer.WrittenMemory;
        MessageFormat = message.MessageFormat;
        Settled = settled;
        State = null;
        CustomTag = null;
        Resume = false;
        IsSuspended = false;
        IsSent = false;
        Attempts = 0;
        Deadline = long.MaxValue;
        Waited = TimeSpan.Zero;
        Place = null;
    }

    /// <summary>A buffer that grew beyond this many bytes is given back after the send.</summary>
    protected virtual int KeptCapacity => 0;

    public virtual void Execute() => Sender.Enqueue(this);

    public void Abandon(MessagingException reason)
    {
        Sender.GiveBackIssue(this);
        Fail(Sender.NotSent(reason));
    }

    /// <summary>The last frame is in the output. Runs on the loop.</summary>
    /// <param name="mayGoAgain">Whether the bytes are kept until the outcome.</param>
    public virtual void OnSent(bool mayGoAgain)
    {
        IsSent = true;
        Attempts += Resume ? 0 : 1;
        if (!mayGoAgain)
            ReleaseBuffer();
    }

    /// <summary>What was sent goes out again, under the same tag. Runs on the loop.</summary>
    public void PrepareResend()
    {
        if (CustomTag is null)
        {
            Span<byte> tag = stackalloc byte[32];
            CustomTag = tag[..WriteTag(tag)].ToArray();
        }

        IsSent = false;
    }

    /// <summary>Its link is lost: it starts over on the next one. Runs on the loop.</summary>
    /// <param name="isOpen">Whether the peer is to be asked first what it has of it.</param>
    public void Suspend(bool isOpen)
    {
        Offset = 0;
        Resume = false;
        IsSuspended = isOpen;
    }

    /// <summary>The peer says that the last attempt has not reached it. Runs on the loop.</summary>
    public void OnNotArrived() => Attempts--;

    /// <summary>The delivery has its outcome. Runs on the loop; completes asynchronously.</summary>
    public abstract void Complete(Outcome outcome);

    /// <summary>The delivery will not have an outcome. May run on any thread.</summary>
    public abstract void Fail(Exception exception);

    /// <summary>The wait is over though the outcome may still come. Runs on the loop.</summary>
    public abstract void Leave(Exception exception);

    /// <summary>Lets go of the sender, which would live as long as the pool.</summary>
    protected void Forget() => Sender = null!;

    /// <summary>Nothing needs the encoded message any more.</summary>
    public void ReleaseBuffer()
    {
        Payload = default;
        if (_buffer.Length > KeptCapacity)
        {
            _buffer.Dispose();
            _buffer = new AmqpWriter(256);
        }

        _buffer.Clear();
    }
}

namespace Messaging;

/// <content>The header section: what intermediaries may change on the way (AMQP 1.0 part 3, 3.2.1).</content>
public sealed partial class Message
{
    private const byte DefaultPriority = 4;

    /// <summary>Whether the message must survive a restart of the node that holds it.</summary>
    /// <value>Default: false.</value>
    public bool Durable
    {
        get => HasHeaderFlag(HeaderFlags.Durable);
        set => SetHeaderFlag(HeaderFlags.Durable, value);
    }

    /// <summary>The relative priority, 0 to 255; higher is more urgent. Many brokers tell ten levels apart, 0 to 9.</summary>
    /// <value>Default: 4.</value>
    public byte Priority
    {
        get
        {
            EnsureHead();
            return _priority;
        }

        set
        {
            EnsureHead();
            _priority = value;
        }
    }

    /// <summary>How long the message is of use, counted from when it was sent; null is for ever.</summary>
    /// <value>Default: null. 0 to 4,294,967,295 ms (49.7 days); parts of a millisecond are rounded up, so that it never expires too early.</value>
    /// <exception cref="ArgumentOutOfRangeException">The value is negative or too long; use <see cref="AbsoluteExpiryTime"/> for longer times.</exception>
    public TimeSpan? TimeToLive
    {
        get => HasHeaderFlag(HeaderFlags.HasTtl) ? TimeSpan.FromMilliseconds(_ttl) : null;
        set
        {
            uint milliseconds = ToMilliseconds(value);
            SetHeaderFlag(HeaderFlags.HasTtl, value.HasValue);
            _ttl = milliseconds;
        }
    }

    /// <summary>Whether no other link has acquired the message before; false means that one may have.</summary>
    /// <value>Default: false.</value>
    public bool FirstAcquirer
    {
        get => HasHeaderFlag(HeaderFlags.FirstAcquirer);
        set => SetHeaderFlag(HeaderFlags.FirstAcquirer, value);
    }

    /// <summary>How many earlier attempts to deliver the message failed; above 0 it may be a duplicate.</summary>
    /// <value>Default: 0.</value>
    public uint DeliveryCount
    {
        get
        {
            EnsureHead();
            return _deliveryCount;
        }

        set
        {
            EnsureHead();
            _deliveryCount = value;
        }
    }

    private bool HasHeaderFlag(HeaderFlags flag)
    {
        EnsureHead();
        return (_header & flag) != HeaderFlags.None;
    }

    private void SetHeaderFlag(HeaderFlags flag, bool value)
    {
        EnsureHead();
        _header = value ? _header | flag : _header & ~flag;
    }

    private static uint ToMilliseconds(TimeSpan? value)
    {
        if (value is not { } time)
            return 0;
        ArgumentOutOfRangeException.ThrowIfLessThan(time, TimeSpan.Zero, nameof(value));
        ArgumentOutOfRangeException.ThrowIfGreaterThan(time, TimeSpan.FromMilliseconds(uint.MaxValue), nameof(value));
        return (uint)((time.Ticks + TimeSpan.TicksPerMillisecond - 1) / TimeSpan.TicksPerMillisecond);
    }
}

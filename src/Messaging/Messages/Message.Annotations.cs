using System.Collections.ObjectModel;
using Messaging.Amqp;

namespace Messaging;

/// <content>The sections that are maps. Reading a property makes an empty map, which is not written.</content>
public sealed partial class Message
{
    /// <summary>Properties of the application, for filters and routing as well (AMQP 1.0 part 3, 3.2.5); part of the bare message.</summary>
    /// <value>
    /// Never null; in the order of the wire. Values are simple: no list, map, array or described value, which throws <see cref="ArgumentException"/>
    /// with the key when the message is encoded. A received message shows what the peer sent. Read-only for <see cref="FromEncoded"/>.
    /// </value>
    public IDictionary<string, object?> ApplicationProperties
    {
        get
        {
            EnsureTail();
            return GetOrAdd(ref Sections.ApplicationProperties, IsSealed);
        }
    }

    /// <summary>Annotations for the infrastructure that travel with the message to its end (3.2.3).</summary>
    /// <value>Never null. Keys that do not begin with <c>x-opt-</c> are reserved; values are of any supported type.</value>
    public IDictionary<Symbol, object?> MessageAnnotations
    {
        get
        {
            EnsureHead();
            return GetOrAdd(ref Sections.MessageAnnotations, readOnly: false);
        }
    }

    /// <summary>Annotations from the sending to the receiving peer, for this one delivery (3.2.2).</summary>
    /// <value>Never null. Keys that do not begin with <c>x-opt-</c> are reserved; values are of any supported type.</value>
    public IDictionary<Symbol, object?> DeliveryAnnotations
    {
        get
        {
            EnsureHead();
            return GetOrAdd(ref Sections.DeliveryAnnotations, readOnly: false);
        }
    }

    /// <summary>What can only be known once the whole message has been built, such as hashes and signatures (3.2.9).</summary>
    /// <value>Never null. Values are of any supported type. Read-only for <see cref="FromEncoded"/>.</value>
    public IDictionary<Symbol, object?> Footer
    {
        get
        {
            EnsureTail();
            return GetOrAdd(ref Sections.Footer, IsSealed);
        }
    }

    // Two readers may come at once: both must get the same object.
    private MessageSections Sections
    {
        get
        {
            if (_sections is null)
                Interlocked.CompareExchange(ref _sections, new MessageSections(), null);
            return _sections;
        }
    }

    private static IDictionary<TKey, object?> GetOrAdd<TKey>(ref IDictionary<TKey, object?>? field, bool readOnly)
        where TKey : notnull
    {
        if (field is null)
            Interlocked.CompareExchange(ref field, readOnly ? ReadOnlyDictionary<TKey, object?>.Empty : new OrderedDictionary<TKey, object?>(), null);
        return field;
    }

    private IDictionary<TKey, object?>? Protect<TKey>(IDictionary<TKey, object?>? map)
        where TKey : notnull => map is not null && IsSealed ? new ReadOnlyDictionary<TKey, object?>(map) : map;
}

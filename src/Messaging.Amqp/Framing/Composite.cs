using System.Text;

namespace Messaging.Amqp.Framing;

/// <summary>Writes, reads and prints any composite by its one description.</summary>
internal static class Composite
{
    /// <summary>Writes the descriptor and the list, which ends after the last field that is not null (AMQP 1.0 part 1, 1.4).</summary>
    /// <exception cref="InvalidOperationException">A mandatory field is null.</exception>
    /// <exception cref="ArgumentException">A value has a type that AMQP cannot express.</exception>
    public static void Write<T>(AmqpWriter writer, in T value)
        where T : struct, IComposite, allows ref struct
    {
        T copy = value;
        writer.WriteDescriptor(T.Code);
        FieldWriter fields = new(writer);
        copy.Visit(ref fields);
        fields.Finish();
    }

    /// <summary>Reads the descriptor, which must be the numeric or the symbolic one of the type, and the list.</summary>
    /// <exception cref="AmqpCodecException">amqp:decode-error or amqp:invalid-field, naming the field.</exception>
    public static T Read<T>(ref AmqpReader reader)
        where T : struct, IComposite, allows ref struct
    {
        if (!reader.TryReadDescriptor(out Descriptor descriptor))
            throw CodecErrors.Decode($"Expected a described list '{T.Name}', found a value without a descriptor.");
        if (!descriptor.Is(T.Code, T.Name))
            throw CodecErrors.Decode($"Expected '{T.Name}', found the descriptor {PeerText.Escape(descriptor.ToString())}.");

        return ReadFields<T>(ref reader);
    }

    /// <summary>Reads the list of a composite whose descriptor has been read and checked.</summary>
    /// <exception cref="AmqpCodecException">amqp:decode-error or amqp:invalid-field, naming the field.</exception>
    public static T ReadFields<T>(ref AmqpReader reader)
        where T : struct, IComposite, allows ref struct
    {
        T value = default;
        FieldReader fields = new(reader);
        try
        {
            fields.Begin();
            value.Visit(ref fields);
            reader = fields.Finish();
        }
        catch (AmqpCodecException error)
        {
            throw CodecErrors.At(T.Name, fields.Field, error);
        }

        return value;
    }

    /// <summary>The composite as one line in the form of Proton's frame trace: <c>@open(16) [container-id="x", channel-max=255]</c>. Secrets are not shown.</summary>
    public static string Print<T>(in T value)
        where T : struct, IComposite, allows ref struct
    {
        FieldPrinter printer = new(new StringBuilder());
        printer.Composite(value);
        return printer.ToString();
    }
}

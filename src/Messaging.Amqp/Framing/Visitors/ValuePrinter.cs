using System.Collections;
using System.Globalization;
using System.Text;

namespace Messaging.Amqp.Framing;

/// <summary>Prints one value of any AMQP type in the form of Proton's frame trace: strings in quotes, symbols behind a colon, binary as b"…".</summary>
internal static class ValuePrinter
{
    // A frame of a hostile peer can hold thousands of values; a trace line need not.
    private const int LongestText = 16 * 1024;

    public static void Print(StringBuilder text, ReadOnlySpan<byte> binary)
    {
        text.Append("b\"");
        PeerText.Append(text, binary);
        text.Append('"');
    }

    public static void Print(StringBuilder text, object? value)
    {
        if (text.Length > LongestText)
        {
            text.Append('…');
            return;
        }

        switch (value)
        {
            case null:
                text.Append("null");
                break;
            case bool boolean:
                text.Append(boolean ? "true" : "false");
                break;
            case string or char or Rune:
                PrintQuoted(text, value.ToString()!);
                break;
            case Symbol symbol:
                PrintSymbol(text, symbol);
                break;
            case byte[] binary:
                Print(text, binary.AsSpan());
                break;
            case ReadOnlyMemory<byte> binary:
                Print(text, binary.Span);
                break;
            case Described described:
                text.Append('@');
                Print(text, described.Descriptor);
                text.Append(' ');
                Print(text, described.Value);
                break;
            default:
                PrintComposite(text, value);
                break;
        }
    }

    private static void PrintComposite(StringBuilder text, object value)
    {
        FieldPrinter printer = new(text);
        switch (value)
        {
            case AmqpError error:
                printer.Composite(new ErrorFields(error));
                break;
            case DeliveryState state:
                state.Print(ref printer);
                break;
            case Source source:
                printer.Composite(source.Fields);
                break;
            case Target target:
                printer.Composite(target.Fields);
                break;
            case Coordinator coordinator:
                printer.Composite(coordinator.Fields);
                break;
            default:
                PrintCollection(text, value);
                break;
        }
    }

    private static void PrintCollection(StringBuilder text, object value)
    {
        switch (value)
        {
            case IReadOnlyDictionary<Symbol, object?> fields:
                PrintEntries(text, fields);
                break;
            case IReadOnlyDictionary<object, object?> map:
                PrintEntries(text, map);
                break;
            case Symbol[] symbols:
                PrintElements(text, "@<symbol>[", symbols);
                break;
            case IEnumerable elements:
                PrintElements(text, "[", elements);
                break;
            default:
                PeerText.Append(text, Convert.ToString(value, CultureInfo.InvariantCulture));
                break;
        }
    }

    private static void PrintEntries<TKey>(StringBuilder text, IReadOnlyDictionary<TKey, object?> map)
        where TKey : notnull
    {
        text.Append('{');
        string separator = "";
        foreach ((TKey key, object? value) in map)
        {
            text.Append(separator);
            Print(text, key);
            text.Append('=');
            Print(text, value);
            separator = ", ";
            if (text.Length > LongestText)
                break;
        }

        text.Append('}');
    }

    private static void PrintElements(StringBuilder text, string opening, IEnumerable elements)
    {
        text.Append(opening);
        string separator = "";
        foreach (object? element in elements)
        {
            text.Append(separator);
            Print(text, element);
            separator = ", ";
            if (text.Length > LongestText)
                break;
        }

        text.Append(']');
    }

    private static void PrintQuoted(StringBuilder text, string value)
    {
        text.Append('"');
        PeerText.Append(text, value);
        text.Append('"');
    }

    private static void PrintSymbol(StringBuilder text, Symbol symbol)
    {
        text.Append(':');
        if (symbol.Value.AsSpan().IndexOfAnyExcept(PlainSymbol) < 0)
            text.Append(symbol.Value);
        else
            PrintQuoted(text, symbol.Value);
    }

    private static readonly System.Buffers.SearchValues<char> PlainSymbol =
        System.Buffers.SearchValues.Create("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_.");
}

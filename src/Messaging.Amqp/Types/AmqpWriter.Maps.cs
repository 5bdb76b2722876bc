using System.Collections;

namespace Messaging.Amqp;

// Maps, AMQP 1.0 part 1, 1.6.23: keys and values in turn, no two keys alike.
public sealed partial class AmqpWriter
{
    /// <summary>Writes a map with symbol keys, the standard's "fields" and "annotations" (part 2, 2.8.13; part 3, 3.2.10).</summary>
    /// <param name="fields">The map; its enumeration order is kept.</param>
    /// <exception cref="ArgumentException">A value is not supported, see <see cref="WriteValue"/>. Nothing was written then.</exception>
    public void WriteFields(IReadOnlyDictionary<Symbol, object?> fields)
    {
        ArgumentNullException.ThrowIfNull(fields);
        WriteValue(fields);
    }

    private void WriteMap(OrderedDictionary<object, object?> map, int depth)
    {
        CompoundScope scope = BeginMap();
        bool check = false;
        foreach ((object key, object? value) in map)
            WritePair(key, value, depth, ref check);
        EndCheckedMap(scope, map.Count, check);
    }

    private void WriteMap(IReadOnlyDictionary<Symbol, object?> map, int depth)
    {
        CompoundScope scope = BeginMap();
        int pairs = 0;
        foreach ((Symbol key, object? value) in map)
        {
            WriteSymbol(key);
            WriteItem(value, depth);
            pairs++;
        }

        EndCheckedMap(scope, pairs, check: false);
    }

    private void WriteMap(IReadOnlyDictionary<string, object?> map, int depth)
    {
        CompoundScope scope = BeginMap();
        int pairs = 0;
        foreach ((string key, object? value) in map)
        {
            WriteString(key);
            WriteItem(value, depth);
            pairs++;
        }

        EndCheckedMap(scope, pairs, check: false);
    }

    private void WriteMap(IReadOnlyDictionary<object, object?> map, int depth)
    {
        CompoundScope scope = BeginMap();
        int pairs = 0;
        bool check = false;
        foreach ((object key, object? value) in map)
        {
            WritePair(key, value, depth, ref check);
            pairs++;
        }

        EndCheckedMap(scope, pairs, check);
    }

    private void WriteMap(IDictionary map, int depth)
    {
        CompoundScope scope = BeginMap();
        int pairs = 0;
        bool check = false;
        foreach (DictionaryEntry entry in map)
        {
            WritePair(entry.Key, entry.Value, depth, ref check);
            pairs++;
        }

        EndCheckedMap(scope, pairs, check);
    }

    private void WritePair(object? key, object? value, int depth, ref bool check)
    {
        if (key is null)
            throw new ArgumentException("A key of a map must not be null.", nameof(key));
        check |= key is not (string or Symbol or int or long or uint or ulong or short or ushort or byte or sbyte or bool or Guid);
        WriteItem(key, depth);
        WriteItem(value, depth);
    }

    // Keys that differ for the dictionary can be one in AMQP: two byte[] of the same bytes, a char and a Rune, a DateTime and a DateTimeOffset.
    // The peer would have to refuse such a map, so read back those that may hold one.
    private void EndCheckedMap(in CompoundScope scope, int pairs, bool check)
    {
        EndMap(scope, checked(pairs * 2));
        if (!check || pairs < 2)
            return;
        try
        {
            new AmqpReader(_buffer.AsSpan(scope.Start, _position - scope.Start)).ReadValue();
        }
        catch (AmqpCodecException e)
        {
            throw new ArgumentException($"No peer could read the map: {e.Message} Keys that differ in .NET can be one value in AMQP.", nameof(pairs), e);
        }
    }
}

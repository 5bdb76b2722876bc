namespace Messaging.Broker.Links;

/// <summary>Compares delivery tags by their bytes.</summary>
internal sealed class TagComparer : IEqualityComparer<ReadOnlyMemory<byte>>
{
    public static readonly TagComparer Instance = new();

    public bool Equals(ReadOnlyMemory<byte> x, ReadOnlyMemory<byte> y) => x.Span.SequenceEqual(y.Span);

    public int GetHashCode(ReadOnlyMemory<byte> tag)
    {
        var hash = default(HashCode);
        hash.AddBytes(tag.Span);
        return hash.ToHashCode();
    }
}

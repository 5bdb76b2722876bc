using System.Collections;

namespace Messaging;

/// <summary>The body sections of a message that has several.</summary>
/// <remarks>Deliberately not an <see cref="IList"/>, as an array would be: a body that is an <see cref="IList"/> is always one sequence or one value.</remarks>
internal sealed class SectionList<T>(T[] items) : IReadOnlyList<T>
{
    public int Count => items.Length;

    public T this[int index] => items[index];

    public ReadOnlySpan<T> Span => items;

    public IEnumerator<T> GetEnumerator() => ((IEnumerable<T>)items).GetEnumerator();

    IEnumerator IEnumerable.GetEnumerator() => items.GetEnumerator();
}

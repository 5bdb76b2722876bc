using System.IO.Compression;

namespace Messaging.Security.Prep;

/// <summary>What SASLprep needs to know of a character (RFC 3454, appendices B to D).</summary>
internal enum CharacterKind : byte
{
    Other,
    LeftToRight,
    RightToLeft,
    Prohibited,
    Unassigned,
    MappedToNothing,
    Space,
}

/// <summary>The tables of Unicode 3.2, made by eng/saslprep.py; 16 KB, read at the first text that is not ASCII.</summary>
/// <remarks>They are our own because <see cref="string.Normalize()"/> does nothing in the invariant globalization mode, which small containers run in.</remarks>
internal sealed class UnicodeTables
{
    private static readonly Lazy<UnicodeTables> Loaded = new(Load);

    private readonly RunTable _kinds;
    private readonly RunTable _classes;
    private readonly Dictionary<int, int[]> _decompositions;
    private readonly Dictionary<(int First, int Second), int> _compositions;

    private UnicodeTables(Reader reader)
    {
        _kinds = new RunTable(ref reader);
        _classes = new RunTable(ref reader);
        _decompositions = ReadDecompositions(ref reader);
        _compositions = ReadCompositions(ref reader);
    }

    public static UnicodeTables Instance => Loaded.Value;

    public CharacterKind Kind(int codePoint) => (CharacterKind)_kinds[codePoint];

    /// <summary>The canonical combining class.</summary>
    public int CombiningClass(int codePoint) => _classes[codePoint];

    /// <summary>The full compatibility decomposition; empty when there is none. Hangul syllables are computed instead.</summary>
    public ReadOnlySpan<int> Decompose(int codePoint) => _decompositions.GetValueOrDefault(codePoint);

    /// <summary>The primary composite of two characters, or -1.</summary>
    public int Compose(int first, int second) => _compositions.GetValueOrDefault((first, second), -1);

    private static UnicodeTables Load()
    {
        using Stream packed = typeof(UnicodeTables).Assembly.GetManifestResourceStream("unicode32.bin")!;
        using var unpacking = new DeflateStream(packed, CompressionMode.Decompress);
        using var bytes = new MemoryStream();
        unpacking.CopyTo(bytes);
        return new UnicodeTables(new Reader(bytes.ToArray()));
    }

    private static Dictionary<int, int[]> ReadDecompositions(ref Reader reader)
    {
        int count = reader.Next();
        var decompositions = new Dictionary<int, int[]>(count);
        int codePoint = 0;
        for (int i = 0; i < count; i++)
        {
            codePoint += reader.Next();
            int[] full = new int[reader.Next()];
            for (int j = 0; j < full.Length; j++)
                full[j] = reader.Next();
            decompositions[codePoint] = full;
        }

        return decompositions;
    }

    private static Dictionary<(int First, int Second), int> ReadCompositions(ref Reader reader)
    {
        int count = reader.Next();
        var compositions = new Dictionary<(int First, int Second), int>(count);
        for (int i = 0; i < count; i++)
            compositions[(reader.Next(), reader.Next())] = reader.Next();
        return compositions;
    }

    /// <summary>Runs of code points with one value; what lies between them has 0.</summary>
    private sealed class RunTable
    {
        private readonly int[] _starts;
        private readonly int[] _ends;
        private readonly byte[] _values;

        public RunTable(ref Reader reader)
        {
            int count = reader.Next();
            (_starts, _ends, _values) = (new int[count], new int[count], new byte[count]);
            int start = 0;
            for (int i = 0; i < count; i++)
            {
                start += reader.Next();
                _starts[i] = start;
                _ends[i] = start + reader.Next();
                _values[i] = (byte)reader.Next();
            }
        }

        public byte this[int codePoint]
        {
            get
            {
                int at = Array.BinarySearch(_starts, codePoint);
                if (at < 0)
                    at = ~at - 1;
                return at >= 0 && codePoint < _ends[at] ? _values[at] : (byte)0;
            }
        }
    }

    /// <summary>Numbers of seven bits a byte, the lowest first.</summary>
    private struct Reader(byte[] bytes)
    {
        private int _position;

        public int Next()
        {
            int value = 0;
            for (int shift = 0; ; shift += 7)
            {
                byte next = bytes[_position++];
                value |= (next & 0x7F) << shift;
                if (next < 0x80)
                    return value;
            }
        }
    }
}

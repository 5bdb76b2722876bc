using System.Runtime.InteropServices;

namespace Messaging;

/// <summary>Where the parts of an encoded message begin, as offsets into the array that holds it.</summary>
[StructLayout(LayoutKind.Auto)]
internal struct SectionMap
{
    /// <summary>The first byte of the first section.</summary>
    public int Start;

    /// <summary>Behind header and annotations: the bare message.</summary>
    public int BareStart;

    /// <summary>The first body section.</summary>
    public int BodyStart;

    /// <summary>Behind the last body section: the footer, if any.</summary>
    public int BodyEnd;

    /// <summary>Behind everything.</summary>
    public int End;

    public SectionMap(int start, int end)
    {
        Start = BareStart = BodyStart = start;
        BodyEnd = End = end;
    }

    public readonly int HeadLength => BareStart - Start;

    public readonly int BodyLength => BodyEnd - BodyStart;

    /// <summary>The bytes of properties, application properties and footer.</summary>
    public readonly int TailLength => BodyStart - BareStart + (End - BodyEnd);

    /// <summary>The same sections in an array that begins at <see cref="Start"/> of this one.</summary>
    public readonly SectionMap Rebased() => Shifted(-Start);

    /// <summary>The same sections without header and annotations, in an array that begins with the bare message.</summary>
    public readonly SectionMap RebasedBare()
    {
        SectionMap map = Shifted(-BareStart);
        map.Start = 0;
        return map;
    }

    /// <summary>The same sections with the body's bytes cut out, in an array that begins with them.</summary>
    public readonly SectionMap WithoutBody()
    {
        SectionMap map = Rebased();
        map.End -= map.BodyLength;
        map.BodyEnd = map.BodyStart;
        return map;
    }

    private readonly SectionMap Shifted(int offset) => new()
    {
        Start = Start + offset,
        BareStart = BareStart + offset,
        BodyStart = BodyStart + offset,
        BodyEnd = BodyEnd + offset,
        End = End + offset,
    };
}

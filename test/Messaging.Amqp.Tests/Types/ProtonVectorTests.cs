using System.Text.Json;

namespace Messaging.Amqp.Tests.Types;

/// <summary>Bytes made by Qpid Proton (test/vectors/make_proton_vectors.py).</summary>
public class ProtonVectorTests
{
    private static readonly Vectors All = JsonSerializer.Deserialize(File.ReadAllText(Path.Combine(AppContext.BaseDirectory, "vectors", "proton.json")), Json.Default.Vectors)!;

    public static TheoryData<string> ValueNames => [.. All.Values.Select(v => v.Name)];

    public static TheoryData<string> MessageNames => [.. All.Messages.Select(m => m.Name)];

    [Theory]
    [MemberData(nameof(ValueNames))]
    public void ReadValue_ProtonsBytes_GiveProtonsValue(string name)
    {
        ValueVector vector = All.Values.Single(v => v.Name == name);

        object? value = Codec.Decode(vector.Hex);

        Assert.Equal(Normal(vector.Value), ValueText.Of(value));
    }

    [Theory]
    [MemberData(nameof(ValueNames))]
    public void WriteValue_ProtonsValue_ReadsBackAndIsNeverLonger(string name)
    {
        ValueVector vector = All.Values.Single(v => v.Name == name);
        object? value = Codec.Decode(vector.Hex);

        byte[] ours = Codec.Encode(value);

        Assert.Equal(Normal(vector.Value), ValueText.Of(Codec.Decode(ours)));
        Assert.True(ours.Length <= vector.Hex.Length / 2, $"{ours.Length} bytes, Proton has {vector.Hex.Length / 2}");
    }

    [Fact]
    public void WriteValue_ScalarsOfProton_GiveTheSameBytes()
    {
        foreach (ValueVector vector in All.Values.Where(v => !v.Value.StartsWith("list[", StringComparison.Ordinal) && !v.Value.StartsWith("map{", StringComparison.Ordinal) && !v.Value.StartsWith("array(", StringComparison.Ordinal)))
        {
            // Proton too chooses the shortest form of a scalar; its lists, maps and arrays are always the long ones.
            Assert.Equal(vector.Hex, Codec.Hex(Codec.Decode(vector.Hex)));
        }
    }

    [Theory]
    [MemberData(nameof(MessageNames))]
    public void ReadValue_ProtonsMessage_IsASequenceOfDescribedSections(string name)
    {
        byte[] bytes = Convert.FromHexString(All.Messages.Single(m => m.Name == name).Hex);
        AmqpReader reader = new(bytes);
        List<ulong> sections = [];

        while (!reader.End)
        {
            Described section = Assert.IsType<Described>(reader.ReadValue());
            sections.Add(Assert.IsType<ulong>(section.Descriptor));
        }

        Assert.All(sections, code => Assert.InRange(code, 0x70ul, 0x78ul));
        Assert.Equal(sections.Order(), sections);
    }

    // The vectors' strings are in Python's JSON, ours in .NET's, which escapes more.
    private static string Normal(string value) => System.Text.RegularExpressions.Regex.Replace(
        value, "\"(?:[^\"\\\\]|\\\\.)*\"", m => JsonSerializer.Serialize(JsonSerializer.Deserialize(m.Value, Json.Default.String)!, Json.Default.String), System.Text.RegularExpressions.RegexOptions.None, TimeSpan.FromSeconds(1));
}

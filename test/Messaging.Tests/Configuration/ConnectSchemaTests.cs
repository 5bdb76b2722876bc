using System.ComponentModel.DataAnnotations;
using System.Globalization;
using System.Reflection;
using System.Runtime.CompilerServices;
using System.Text;
using System.Text.Json;
using System.Text.RegularExpressions;
using System.Xml.Linq;
using Messaging.Configuration;

namespace Messaging.Tests.Configuration;

/// <summary>docs/connect.schema.json says what the reader does, and the documents' examples are what both take.</summary>
public sealed partial class ConnectSchemaTests
{
    private static readonly JsonDocumentOptions WithComments = new() { CommentHandling = JsonCommentHandling.Skip };
    private static readonly JsonElement Root = JsonDocument.Parse(Document("docs/connect.schema.json")).RootElement;
    private static readonly JsonSchema Schema = new(Root);

    public static TheoryData<string> DocumentedFiles => [.. FencedJson().Matches(Document("docs/guide/configuration.md")).Select(match => match.Groups["json"].Value)];

    public static TheoryData<string> Wrong =>
        [.. ConnectFileExamples.Wrong.Select(row => row.Data.Item1), .. ConnectFileExamples.Contradictory.Select(row => row.Data.Item1)];

    [Theory]
    [MemberData(nameof(ConnectFileExamples.Valid), MemberType = typeof(ConnectFileExamples))]
    public void Schema_Valid_Accepts(string json) => Assert.True(Accepts(json));

    [Theory]
    [MemberData(nameof(Wrong))]
    public void Schema_Wrong_Refuses(string json) => Assert.False(Accepts(json));

    [Theory]
    [MemberData(nameof(DocumentedFiles))]
    public void Documents_Files_AreAcceptedByBoth(string json)
    {
        Assert.True(Accepts(json));
        _ = ConnectFileReader.Read("connect.json", Encoding.UTF8.GetBytes(json)).Freeze();
    }

    /// <summary>The package ships it, as the guide says; what is packed must be the file that these tests read.</summary>
    [Fact]
    public void Project_PacksTheSchema()
    {
        XElement packed = Assert.Single(
            XDocument.Parse(Document("src/Messaging/Messaging.csproj")).Descendants(), element => element.Attribute("Include")?.Value == "$(RepoRoot)docs/connect.schema.json");

        Assert.Equal(("None", "true", "schema/"), (packed.Name.LocalName, packed.Attribute("Pack")?.Value, packed.Attribute("PackagePath")?.Value));
        Assert.Contains("schema/connect.schema.json", Document("docs/guide/configuration.md"), StringComparison.Ordinal);
    }

    [Fact]
    public void Documents_Files_AreThere() => Assert.True(DocumentedFiles.Count >= 3);

    [Fact]
    public void Schema_Keys_AreTheReaders() =>
        Assert.Equal(ConnectionSettings.Keys.Append("$schema").Order(StringComparer.Ordinal), KeysOf(Root, "").Order(StringComparer.Ordinal));

    [Fact]
    public void Documents_KeysOfTheTable_AreTheReaders() =>
        Assert.Equal(ConnectionSettings.Keys.Order(StringComparer.Ordinal), TableKey().Matches(Document("docs/guide/configuration.md")).Select(match => match.Groups["key"].Value).Order(StringComparer.Ordinal));

    [Theory]
    [InlineData("maxFrameSize", nameof(ConnectionOptions.MaxFrameSize))]
    [InlineData("channelMax", nameof(ConnectionOptions.ChannelMax))]
    public void Ranges_OfSchemaReaderAndOptions_AreTheSame(string key, string option)
    {
        RangeAttribute range = typeof(ConnectionOptions).GetProperty(option)!.GetCustomAttribute<RangeAttribute>()!;
        JsonElement property = Root.GetProperty("properties").GetProperty(key);

        Assert.Equal((range.Minimum, range.Maximum), (property.GetProperty("minimum").GetInt32(), property.GetProperty("maximum").GetInt32()));
        Assert.Contains(string.Create(CultureInfo.InvariantCulture, $"from {range.Minimum} to {range.Maximum}"), SettingTable.ByKey[key].Expected, StringComparison.Ordinal);
    }

    [Fact]
    public void Schema_Defaults_AreTheOptions()
    {
        JsonElement properties = Root.GetProperty("properties");
        var defaults = properties.EnumerateObject().Where(property => property.Name is not ("scheme" or "host") && property.Value.TryGetProperty("default", out _))
            .Select(property => $"\"{property.Name}\": {property.Value.GetProperty("default").GetRawText()}");

        ConnectionOptions written = ConnectFileReader.Read("connect.json", Encoding.UTF8.GetBytes($"{{ {string.Join(", ", defaults)} }}"));

        var options = new ConnectionOptions();
        Assert.Equal(
            (options.Reconnect, options.ConnectTimeout, options.OperationTimeout, options.IdleTimeout, options.WriteTimeout, options.MaxFrameSize, options.ChannelMax),
            (written.Reconnect, written.ConnectTimeout, written.OperationTimeout, written.IdleTimeout, written.WriteTimeout, written.MaxFrameSize, written.ChannelMax));
        Assert.Equal(7, defaults.Count());
    }

    private static string Document(string path, [CallerFilePath] string here = "") =>
        File.ReadAllText(Path.Combine(Path.GetDirectoryName(here)!, "../../..", path)).ReplaceLineEndings("\n");

    private static bool Accepts(string json)
    {
        using JsonDocument document = JsonDocument.Parse(json, WithComments);
        return Schema.Accepts(document.RootElement);
    }

    private static IEnumerable<string> KeysOf(JsonElement schema, string prefix) => schema.GetProperty("properties").EnumerateObject().SelectMany(property =>
        property.Value.TryGetProperty("properties", out _) ? KeysOf(property.Value, prefix + property.Name + ".") : [prefix + property.Name]);

    [GeneratedRegex(@"^```jsonc\n(?<json>.*?)^```", RegexOptions.ExplicitCapture | RegexOptions.Singleline | RegexOptions.Multiline, 1000)]
    private static partial Regex FencedJson();

    [GeneratedRegex(@"^\| `(?<key>[A-Za-z_.]+)` \|", RegexOptions.ExplicitCapture | RegexOptions.Multiline, 1000)]
    private static partial Regex TableKey();
}

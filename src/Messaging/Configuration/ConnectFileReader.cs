using System.Globalization;
using System.Text;
using System.Text.Json;

namespace Messaging.Configuration;

/// <summary>Reads connect.json: an object of settings with comments. Every error names file, line and key, and none has a value: it may be a password.</summary>
internal ref struct ConnectFileReader
{
    private const string SchemaKey = "$schema"; // for editors
    private const int LongestShown = 64;

    private readonly string _file;
    private readonly ReadOnlySpan<byte> _utf8;
    private readonly ConnectionSettings _settings = new();
    private readonly HashSet<string> _seen = new(StringComparer.Ordinal);
    private Utf8JsonReader _json;

    private ConnectFileReader(string file, ReadOnlySpan<byte> utf8)
    {
        _file = file;
        _utf8 = utf8;
        _json = new Utf8JsonReader(utf8, new JsonReaderOptions { CommentHandling = JsonCommentHandling.Skip });
    }

    /// <exception cref="FormatException">It is not JSON, or has a wrong key or value.</exception>
    public static ConnectionOptions Read(string file, ReadOnlySpan<byte> content)
    {
        ReadOnlySpan<byte> mark = Encoding.UTF8.Preamble;
        var reader = new ConnectFileReader(file, content.StartsWith(mark) ? content[mark.Length..] : content);
        reader.ReadDocument();
        try
        {
            return reader._settings.ToOptions();
        }
        catch (FormatException exception)
        {
            throw new FormatException($"The file '{file}' is wrong. {exception.Message}");
        }
    }

    private void ReadDocument()
    {
        if (!Next() || _json.TokenType != JsonTokenType.StartObject)
            throw Wrong("It must hold one object: { … }.");
        ReadObject("");
        Next(); // nothing may follow
    }

    private void ReadObject(string prefix)
    {
        while (Next() && _json.TokenType == JsonTokenType.PropertyName)
            ReadProperty(prefix);
    }

    private void ReadProperty(string prefix)
    {
        string name = Text("The name of a key");
        string key = prefix + name;
        bool isSection = prefix.Length == 0 && SettingTable.IsSection(name);
        Setting? setting = name.Contains('.', StringComparison.Ordinal) ? null : Find(key);
        if (!isSection && setting is null && key != SchemaKey)
            throw Unknown(key, name);
        if (!_seen.Add(key))
            throw Wrong($"The key '{key}' is there twice.");

        Next();
        if (isSection)
            ReadSection(key);
        else if (setting is not null)
            ReadValue(setting);
        else if (_json.TokenType != JsonTokenType.String)
            throw Wrong($"The value of '{SchemaKey}' is wrong: it must be a text.");
    }

    private void ReadSection(string key)
    {
        if (_json.TokenType != JsonTokenType.StartObject)
            throw Wrong($"The value of '{key}' is wrong: it must be an object, {{ … }}, not {Kind()}.");
        ReadObject(key + ".");
    }

    private void ReadValue(Setting setting)
    {
        SettingForms form = _json.TokenType switch
        {
            JsonTokenType.String => SettingForms.Text,
            JsonTokenType.Number => SettingForms.Number,
            JsonTokenType.True or JsonTokenType.False => SettingForms.Boolean,
            JsonTokenType.StartArray => SettingForms.List,
            _ => default,
        };
        if (form == default || !setting.Forms.HasFlag(form))
            throw WrongKind(setting);

        long start = _json.TokenStartIndex;
        List<string>? list = form == SettingForms.List ? List(setting) : null;
        string text = form == SettingForms.Text ? Text($"The value of '{setting.Key}'") : Encoding.UTF8.GetString(_json.ValueSpan);
        try
        {
            if (list is null)
                _settings.Set(setting.Key, text);
            else
                _settings.Set(setting.Key, list);
        }
        catch (FormatException exception)
        {
            throw At(start, exception.Message);
        }
    }

    private List<string> List(Setting setting)
    {
        var values = new List<string>();
        while (Next() && _json.TokenType != JsonTokenType.EndArray)
            values.Add(_json.TokenType == JsonTokenType.String ? Text($"An element of '{setting.Key}'") : throw WrongKind(setting));
        return values;
    }

    private bool Next()
    {
        try
        {
            return _json.Read();
        }
        catch (JsonException exception)
        {
            // its text is not shown, because it quotes the file
            throw new FormatException(
                $"The file '{_file}', line {(exception.LineNumber ?? 0) + 1}: this is not JSON. Keys and texts stand in double quotes, commas between elements only; comments may be // and /* */.");
        }
    }

    private string Text(string what)
    {
        try
        {
            return _json.GetString()!;
        }
        catch (InvalidOperationException)
        {
            throw Wrong($"{what} is not well-formed Unicode.");
        }
    }

    private static Setting? Find(string key) => SettingTable.ByKey.TryGetValue(key, out Setting? setting) && setting.Key == key ? setting : null;

    private FormatException Unknown(string key, string name)
    {
        string shown = key.Length <= LongestShown ? key : key[..LongestShown] + "…";
        string hint = name.Contains('.', StringComparison.Ordinal) && Find(key) is not null ? " A dot stands for an object in an object: \"tls\": { \"cert\": … }." : "";
        return Wrong(SettingTable.Unknown($"'{shown}'") + hint);
    }

    private FormatException WrongKind(Setting setting) => Wrong($"The value of '{setting.Key}' is wrong: it must be {setting.Expected}, not {Kind()}.");

    private readonly string Kind() => _json.TokenType switch
    {
        JsonTokenType.String => "a text",
        JsonTokenType.Number => "a number",
        JsonTokenType.True or JsonTokenType.False => "true or false",
        JsonTokenType.StartArray => "a list",
        JsonTokenType.StartObject => "an object",
        _ => "null",
    };

    private readonly FormatException Wrong(string problem) => At(_json.TokenStartIndex, problem);

    private readonly FormatException At(long start, string problem)
    {
        int line = _utf8[..(int)start].Count((byte)'\n') + 1;
        return new FormatException(string.Create(CultureInfo.InvariantCulture, $"The file '{_file}', line {line}: {problem}"));
    }
}

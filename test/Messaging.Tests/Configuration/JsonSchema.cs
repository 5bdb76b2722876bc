using System.Text.Json;
using System.Text.RegularExpressions;

namespace Messaging.Tests.Configuration;

/// <summary>A validator for the keywords of JSON Schema (draft 7) that connect.schema.json uses; any other keyword is an error.</summary>
internal sealed class JsonSchema(JsonElement root)
{
    private static readonly string[] Annotations = ["$schema", "title", "description", "default", "examples", "definitions"];

    public bool Accepts(JsonElement value) => Accepts(root, value);

    private bool Accepts(JsonElement schema, JsonElement value) => schema.EnumerateObject().All(keyword => Accepts(schema, keyword.Name, keyword.Value, value));

    private bool Accepts(JsonElement schema, string keyword, JsonElement rule, JsonElement value) => keyword switch
    {
        "$ref" => Accepts(Definition(rule.GetString()!), value),
        "type" => IsType(rule.GetString()!, value),
        "enum" => rule.EnumerateArray().Any(one => JsonElement.DeepEquals(one, value)),
        "allOf" => rule.EnumerateArray().All(one => Accepts(one, value)),
        "anyOf" => rule.EnumerateArray().Any(one => Accepts(one, value)),
        "not" => !Accepts(rule, value),
        "properties" => value.ValueKind != JsonValueKind.Object || value.EnumerateObject().All(p => !rule.TryGetProperty(p.Name, out JsonElement of) || Accepts(of, p.Value)),
        "additionalProperties" => value.ValueKind != JsonValueKind.Object || rule.GetBoolean() || value.EnumerateObject().All(p => schema.GetProperty("properties").TryGetProperty(p.Name, out _)),
        "required" => value.ValueKind != JsonValueKind.Object || rule.EnumerateArray().All(name => value.TryGetProperty(name.GetString()!, out _)),
        "items" => value.ValueKind != JsonValueKind.Array || value.EnumerateArray().All(item => Accepts(rule, item)),
        "pattern" => value.ValueKind != JsonValueKind.String || Regex.IsMatch(value.GetString()!, rule.GetString()!, RegexOptions.ECMAScript, TimeSpan.FromSeconds(10)),
        "minProperties" => value.ValueKind != JsonValueKind.Object || value.EnumerateObject().Count() >= rule.GetInt32(),
        "minItems" => value.ValueKind != JsonValueKind.Array || value.GetArrayLength() >= rule.GetInt32(),
        "dependencies" => value.ValueKind != JsonValueKind.Object
            || rule.EnumerateObject().All(of => !value.TryGetProperty(of.Name, out _) || of.Value.EnumerateArray().All(name => value.TryGetProperty(name.GetString()!, out _))),
        "minLength" => value.ValueKind != JsonValueKind.String || value.GetString()!.Length >= rule.GetInt32(),
        "minimum" => value.ValueKind != JsonValueKind.Number || value.GetDouble() >= rule.GetDouble(),
        "maximum" => value.ValueKind != JsonValueKind.Number || value.GetDouble() <= rule.GetDouble(),
        _ => Annotations.Contains(keyword, StringComparer.Ordinal) ? true : throw new NotSupportedException($"The keyword {keyword} is not checked."),
    };

    private JsonElement Definition(string reference) => root.GetProperty("definitions").GetProperty(reference["#/definitions/".Length..]);

    private static bool IsType(string type, JsonElement value) => type switch
    {
        "object" => value.ValueKind == JsonValueKind.Object,
        "array" => value.ValueKind == JsonValueKind.Array,
        "string" => value.ValueKind == JsonValueKind.String,
        "boolean" => value.ValueKind is JsonValueKind.True or JsonValueKind.False,
        "integer" => value.ValueKind == JsonValueKind.Number && double.IsInteger(value.GetDouble()),
        _ => throw new NotSupportedException($"The type {type} is not checked."),
    };
}

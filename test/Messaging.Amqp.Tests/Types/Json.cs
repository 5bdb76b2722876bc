using System.Text.Json.Serialization;

namespace Messaging.Amqp.Tests.Types;

internal sealed record Vectors(string Producer, List<ValueVector> Values, List<MessageVector> Messages);

internal sealed record ValueVector(string Name, string Hex, string Value);

internal sealed record MessageVector(string Name, string Hex);

[JsonSerializable(typeof(string))]
[JsonSerializable(typeof(Vectors))]
[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase)]
internal sealed partial class Json : JsonSerializerContext;

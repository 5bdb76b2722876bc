using Comparison.NetLite;
using Comparison.Sdk;

namespace Comparison;

/// <summary>The two sides by name.</summary>
internal static class Contenders
{
    public const string Ours = "this SDK";
    public const string NetLite = "AMQPNetLite";

    public static IReadOnlyList<IContender> For(string sdk) => sdk switch
    {
        "ours" => [new SdkContender()],
        "netlite" => [new NetLiteContender()],
        _ => [new SdkContender(), new NetLiteContender()],
    };
}

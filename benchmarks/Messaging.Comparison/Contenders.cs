using Comparison.NetLite;
using Comparison.Sdk;

namespace Comparison;

/// <summary>The two sides by name.</summary>
internal static class Contenders
{
    public const string Ours = "this SDK";
    public const string NetLite = "AMQPNetLite";

    public static IReadOnlyList<IContender> For(Options options)
    {
        IContender netLite = new NetLiteContender(options.Callbacks);
        return options.Sdk switch
        {
            "ours" => [new SdkContender()],
            "netlite" => [netLite],
            _ => [new SdkContender(), netLite],
        };
    }
}

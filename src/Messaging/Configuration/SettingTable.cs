using System.Collections.Frozen;

namespace Messaging.Configuration;

/// <summary>The keys of connect.json and of configuration sections. docs/connect.schema.json says the same, and a test compares the two.</summary>
internal static class SettingTable
{
    /// <summary>Every key, in the order of the documents.</summary>
    public static readonly Setting[] All =
    [
        new("url", SettingForms.Text, "a URL such as \"amqps://example.com:5671\"", Url),
        Setting.Of<string>("scheme", SettingForms.Text, "\"amqp\" or \"amqps\" (WebSockets, \"ws\" and \"wss\", are not supported yet)", SettingParser.Scheme, (s, v) => s.Scheme = v),
        Setting.Of<string>("host", SettingForms.Text, "a host name or an IP address, without scheme, user, port or path", SettingParser.Host, (s, v) => s.Host = v),
        Setting.Of<int>("port", SettingForms.Number | SettingForms.Text, "a number from 1 to 65535, \"amqp\" or \"amqps\"", SettingParser.Port, (s, v) => s.Port = v),
        Setting.Text("user", (s, v) => s.User = v),
        Setting.Text("password", (s, v) => s.Password = v),
        Setting.Flag("sasl.enabled", (s, v) => s.SaslEnabled = v),
        Setting.Flag("sasl.enable", (s, v) => s.SaslEnable = v),
        Setting.Names("sasl.mechanisms", MechanismList, SettingParser.IsMechanism, (s, v) => s.SaslMechanisms = v),
        Setting.Flag("sasl.allow_insecure", (s, v) => s.SaslAllowInsecure = v),
        Setting.Name("tls.cert", (s, v) => s.TlsCert = v),
        Setting.Name("tls.key", (s, v) => s.TlsKey = v),
        Setting.Text("tls.key_password", (s, v) => s.TlsKeyPassword = v),
        Setting.Name("tls.ca", (s, v) => s.TlsCa = v),
        Setting.Flag("tls.verify", (s, v) => s.TlsVerify = v),
        Setting.Name("containerId", (s, v) => s.ContainerId = v),
        Setting.Text("virtualHost", (s, v) => s.VirtualHost = v),
        Setting.Flag("reconnect", (s, v) => s.Reconnect = v),
        Setting.Limit("connectTimeout", (s, v) => s.ConnectTimeout = v),
        Setting.Limit("operationTimeout", (s, v) => s.OperationTimeout = v),
        Setting.Of<TimeSpan>("idleTimeout", SettingForms.Text, IdleTimes, SettingParser.IdleTimeout, (s, v) => s.IdleTimeout = v),
        Setting.Limit("writeTimeout", (s, v) => s.WriteTimeout = v),
        Setting.Number("maxFrameSize", 512, 16 * 1024 * 1024, (s, v) => s.MaxFrameSize = v),
        Setting.Number("channelMax", 0, ushort.MaxValue, (s, v) => s.ChannelMax = v),
    ];

    private const string MechanismList = "a list of SASL mechanism names such as [\"SCRAM-SHA-256\", \"PLAIN\"], or one text with spaces between the names; at least one, or leave the key out for all";
    private const string IdleTimes = "a time from \"00:00:00.1\" to \"24.00:00:00\" (hours:minutes:seconds), or \"00:00:00\" for none";

    /// <summary>The settings by their keys, in any case: configuration has none.</summary>
    public static readonly FrozenDictionary<string, Setting> ByKey = All.ToFrozenDictionary(setting => setting.Key, StringComparer.OrdinalIgnoreCase);

    public static bool IsSection(string key) => key is "sasl" or "tls";

    public static string Unknown(string name) => $"The key {name} is unknown. Known are {string.Join(", ", All.Select(setting => setting.Key))}.";

    private static string? Url(ConnectionSettings settings, IReadOnlyList<string> values)
    {
        try
        {
            _ = ConnectionUrl.ParseServer(values[0]);
            settings.Url = values[0];
            return null;
        }
        catch (FormatException exception)
        {
            return "a URL. " + exception.Message;
        }
    }
}

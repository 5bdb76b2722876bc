using Messaging.Configuration;

namespace Messaging;

/// <summary>
/// The settings of a connection as texts, key by key: those of a <c>connect.json</c> file, or of another source with the same keys, such as a configuration section.
/// They are checked as they are set, and mapped to options.
/// </summary>
/// <remarks>Not safe for concurrent use. No error holds a value, because a value may be a password.</remarks>
public sealed class ConnectionSettings
{
    /// <summary>The server when the settings name none.</summary>
    internal const string DefaultUrl = "amqps://localhost:5671";

    private readonly Func<string, string> _nameOf;
    private readonly HashSet<string> _set = new(StringComparer.Ordinal);

    /// <summary>Creates empty settings.</summary>
    /// <param name="nameOf">Gives the name by which errors call a key, such as <c>'Messaging:tls:cert'</c> for <c>tls.cert</c>. <see langword="null"/>: the key in quotes.</param>
    public ConnectionSettings(Func<string, string>? nameOf = null) => _nameOf = nameOf ?? (static key => $"'{key}'");

    /// <summary>Every key, as in connect.json, with a dot for each level: <c>tls.cert</c>.</summary>
    public static IReadOnlyList<string> Keys { get; } = [.. SettingTable.All.Select(setting => setting.Key)];

    internal string? Url { get; set; }

    internal string? Scheme { get; set; }

    internal string? Host { get; set; }

    internal int? Port { get; set; }

    internal string? User { get; set; }

    internal string? Password { get; set; }

    internal bool? SaslEnabled { get; set; }

    internal bool? SaslEnable { get; set; }

    internal string[]? SaslMechanisms { get; set; }

    internal bool? SaslAllowInsecure { get; set; }

    internal string? TlsCert { get; set; }

    internal string? TlsKey { get; set; }

    internal string? TlsKeyPassword { get; set; }

    internal string? TlsCa { get; set; }

    internal bool? TlsVerify { get; set; }

    internal string? ContainerId { get; set; }

    internal string? VirtualHost { get; set; }

    internal bool? Reconnect { get; set; }

    internal TimeSpan? ConnectTimeout { get; set; }

    internal TimeSpan? OperationTimeout { get; set; }

    internal TimeSpan? IdleTimeout { get; set; }

    internal TimeSpan? WriteTimeout { get; set; }

    internal int? MaxFrameSize { get; set; }

    internal int? ChannelMax { get; set; }

    /// <summary>Sets a key.</summary>
    /// <param name="key">One of <see cref="Keys"/>, in any case.</param>
    /// <param name="value">The value as text: <c>true</c>, <c>5671</c>, <c>00:00:30</c>. For a key that takes a list: its elements with spaces between them.</param>
    /// <exception cref="FormatException">The key is unknown or set already, or the value is not what the key takes; the text names the key and what it takes.</exception>
    public void Set(string key, string value)
    {
        ArgumentNullException.ThrowIfNull(value);
        Setting setting = Find(key);
        Apply(setting, setting.Forms.HasFlag(SettingForms.List) ? value.Split(' ', StringSplitOptions.RemoveEmptyEntries) : [value]);
    }

    /// <summary>Sets a key that takes a list.</summary>
    /// <param name="key">One of <see cref="Keys"/>, in any case.</param>
    /// <param name="values">The elements of the list.</param>
    /// <exception cref="FormatException">The key is unknown, set already or takes no list, or an element is not what the key takes; the text names the key and what it takes.</exception>
    public void Set(string key, IReadOnlyList<string> values)
    {
        ArgumentNullException.ThrowIfNull(values);
        Setting setting = Find(key);
        if (!setting.Forms.HasFlag(SettingForms.List))
            throw Wrong(setting, setting.Expected + ", not a list");
        Apply(setting, values);
    }

    /// <summary>
    /// Writes what is set into options and leaves the rest as it is. Where the options have no <see cref="MessagingClientOptions.Connection"/> yet, it is made, to <c>amqps://localhost:5671</c>
    /// unless a key says otherwise; settings without any key make none.
    /// </summary>
    /// <param name="options">The options of a client.</param>
    /// <exception cref="FormatException">Keys contradict each other or the options, such as <c>tls.key</c> without <c>tls.cert</c>; the text names them.</exception>
    public void ApplyTo(MessagingClientOptions options)
    {
        ArgumentNullException.ThrowIfNull(options);
        if (_set.Count == 0)
            return;
        options.ContainerId = ContainerId ?? options.ContainerId;
        options.Connection ??= new ConnectionOptions { Url = DefaultUrl };
        SettingMap.Apply(this, options.Connection);
    }

    /// <summary>The options of these settings alone.</summary>
    internal ConnectionOptions ToOptions()
    {
        var options = new ConnectionOptions { Url = DefaultUrl };
        SettingMap.Apply(this, options);
        return options;
    }

    /// <summary>The name by which errors call a key.</summary>
    internal string NameOf(string key) => _nameOf(key);

    private Setting Find(string key)
    {
        ArgumentNullException.ThrowIfNull(key);
        return SettingTable.ByKey.TryGetValue(key, out Setting? setting) ? setting : throw new FormatException(SettingTable.Unknown(_nameOf(key)));
    }

    private void Apply(Setting setting, IReadOnlyList<string> values)
    {
        if (!_set.Add(setting.Key))
            throw new FormatException($"The key {_nameOf(setting.Key)} is there twice.");
        if (setting.Apply(this, values) is { } expected)
            throw Wrong(setting, expected);
    }

    private FormatException Wrong(Setting setting, string expected) => new($"The value of {_nameOf(setting.Key)} is wrong: it must be {expected.TrimEnd('.')}.");
}

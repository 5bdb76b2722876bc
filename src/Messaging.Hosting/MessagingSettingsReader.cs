using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.Options;

namespace Messaging.Hosting;

/// <summary>Reads a configuration section into options by way of <see cref="ConnectionSettings"/>; every error names the path of the key.</summary>
internal static class MessagingSettingsReader
{
    /// <exception cref="OptionsValidationException">A key is unknown, or a value is wrong.</exception>
    public static void Apply(IConfiguration section, MessagingClientOptions options)
    {
        string path = section is IConfigurationSection { Path: var own } ? own + ":" : "";
        var settings = new ConnectionSettings(key => $"'{path}{key.Replace('.', ':')}'");
        try
        {
            // a whole configuration, environment variables and all, has keys that are not for us
            Read(section, "", settings, isForeignKeyWrong: section is IConfigurationSection);
            settings.ApplyTo(options);
        }
        catch (FormatException exception)
        {
            throw Wrong(exception.Message);
        }
    }

    private static void Read(IConfiguration section, string prefix, ConnectionSettings settings, bool isForeignKeyWrong)
    {
        foreach (IConfigurationSection child in section.GetChildren())
        {
            string key = prefix + child.Key.Replace('.', ':'); // a level is a section: with a dot in its name no key is known
            if (ConnectionSettings.Keys.Contains(key, StringComparer.OrdinalIgnoreCase))
                Set(child, key, settings);
            else if (IsSection(key))
                ReadSection(child, key, settings);
            else if (isForeignKeyWrong)
                throw Wrong($"The key '{child.Path}' is unknown. Known are {string.Join(", ", ConnectionSettings.Keys.Select(known => known.Replace('.', ':')))}.");
        }
    }

    private static void ReadSection(IConfigurationSection section, string key, ConnectionSettings settings)
    {
        if (!string.IsNullOrEmpty(section.Value))
            throw Wrong($"The value of '{section.Path}' is wrong: it must be a section with keys below it.");
        Read(section, key + ".", settings, isForeignKeyWrong: true);
    }

    private static void Set(IConfigurationSection setting, string key, ConnectionSettings settings)
    {
        string[] list = [.. setting.GetChildren().Select(child => child.Value ?? throw Wrong($"The value of '{child.Path}' is wrong: it must be a text."))];
        if (list.Length > 0 && !string.IsNullOrEmpty(setting.Value))
            throw Wrong($"'{setting.Path}' is set twice, to one value and to a list of values: another source of the configuration says otherwise. Remove one of the two.");
        if (list.Length > 0)
            settings.Set(key, list);
        else if (setting.Value is { } value)
            settings.Set(key, value);
    }

    private static bool IsSection(string key) => ConnectionSettings.Keys.Any(known => known.StartsWith(key + ".", StringComparison.OrdinalIgnoreCase));

    private static OptionsValidationException Wrong(string problem) =>
        new(Options.DefaultName, typeof(MessagingClientOptions), [$"The configuration of the messaging client is wrong. {problem}"]);
}

namespace Messaging.Configuration;

/// <summary>One key: how its value may be written, what it must be, and where it goes.</summary>
/// <param name="Key">The key as in connect.json, with a dot for each level: <c>tls.cert</c>.</param>
/// <param name="Forms">How the value may be written in JSON; elsewhere every value is a text.</param>
/// <param name="Expected">What the value must be, for errors.</param>
/// <param name="Apply">Takes the value, or says what it must be. It is one text, unless the key takes a list.</param>
internal sealed record Setting(string Key, SettingForms Forms, string Expected, Func<ConnectionSettings, IReadOnlyList<string>, string?> Apply)
{
    public static Setting Text(string key, Action<ConnectionSettings, string> set) =>
        Of(key, SettingForms.Text, "a text", SettingParser.Text, set);

    public static Setting Name(string key, Action<ConnectionSettings, string> set) =>
        Of(key, SettingForms.Text, "a text that is not empty", SettingParser.Name, set);

    public static Setting Flag(string key, Action<ConnectionSettings, bool> set) =>
        Of(key, SettingForms.Boolean, "true or false", bool.TryParse, set);

    public static Setting Number(string key, int minimum, int maximum, Action<ConnectionSettings, int> set) =>
        Of(key, SettingForms.Number, $"a whole number from {minimum} to {maximum}", SettingParser.Number(minimum, maximum), set);

    /// <summary>A time above zero and at most 49 days, or no limit.</summary>
    public static Setting Limit(string key, Action<ConnectionSettings, TimeSpan> set) =>
        Of(key, SettingForms.Text, "a time above zero and at most 49 days such as \"00:00:30\" (hours:minutes:seconds), or \"infinite\"", SettingParser.Limit, set);

    public static Setting Of<T>(string key, SettingForms forms, string expected, SettingParser.Try<T> parse, Action<ConnectionSettings, T> set) =>
        new(key, forms, expected, (settings, values) =>
        {
            if (!parse(values[0], out T value))
                return expected;
            set(settings, value);
            return null;
        });

    /// <summary>A list of names, or one text with spaces between them; at least one: who names none may mean none, or all.</summary>
    public static Setting Names(string key, string expected, Func<string, bool> isName, Action<ConnectionSettings, string[]> set) =>
        new(key, SettingForms.Text | SettingForms.List, expected, (settings, values) =>
        {
            if (values.Count == 0 || !values.All(isName))
                return expected;
            set(settings, [.. values]);
            return null;
        });
}

namespace Messaging.Configuration;

/// <summary>How a value may be written in JSON.</summary>
[Flags]
internal enum SettingForms
{
    Text = 1,
    Number = 2,
    Boolean = 4,
    List = 8,
}

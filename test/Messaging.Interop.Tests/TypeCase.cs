namespace Messaging.Interop.Tests;

/// <summary>A value, what a peer should say that it is, and how it should look when it has come back.</summary>
/// <param name="Value">What is sent.</param>
/// <param name="Proton">What type_echo.py calls it.</param>
/// <param name="Canonical">What comes back, where that is not <paramref name="Value"/> itself.</param>
internal sealed record TypeCase(object? Value, string Proton, object? Canonical = null)
{
    public object? Expected => Canonical ?? Value;
}

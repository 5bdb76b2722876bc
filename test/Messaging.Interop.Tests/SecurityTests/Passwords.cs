namespace Messaging.Interop.Tests.SecurityTests;

/// <summary>The passwords of these tests: made up for each run, so that finding one anywhere means something.</summary>
internal static class Passwords
{
    /// <summary>The right one of alice.</summary>
    public static string Right { get; } = $"right-{Guid.NewGuid():N}";

    public static string Wrong { get; } = $"wrong-{Guid.NewGuid():N}";
}

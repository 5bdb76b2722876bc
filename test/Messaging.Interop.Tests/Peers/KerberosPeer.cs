using Messaging.Testing;

namespace Messaging.Interop.Tests.Peers;

/// <summary>Our client and our listener in processes of their own (test/Messaging.KerberosPeer): Kerberos reads the environment of its process, once.</summary>
internal static class KerberosPeer
{
    private static string Program => TestProgram.PathOf("Messaging.KerberosPeer");

    /// <summary>Starts our listener; gives it and its URL.</summary>
    public static async Task<(PeerProcess Process, string Url)> ListenAsync(Dictionary<string, string> environment, CancellationToken cancellationToken)
    {
        const string Listening = "LISTENING ";
        var process = PeerProcess.StartGuarded("dotnet", [Program, "listen"], environment);
        try
        {
            await process.WaitUntilAsync(p => p.Output.Contains(Listening, StringComparison.Ordinal), TimeSpan.FromSeconds(60), cancellationToken);
            return (process, process.Lines.First(line => line.StartsWith(Listening, StringComparison.Ordinal))[Listening.Length..]);
        }
        catch
        {
            await process.DisposeAsync();
            throw;
        }
    }

    /// <summary>Logs in with our client and passes a message.</summary>
    public static async Task<(int Code, string Output)> LogInAsync(
        string url, string? user, Dictionary<string, string> environment, TimeSpan limit, CancellationToken cancellationToken)
    {
        string[] authorization = user is null ? [] : [user];
        await using var process = PeerProcess.StartGuarded("dotnet", [Program, "login", url, .. authorization], environment);
        var code = await process.WaitForEndAsync(limit, cancellationToken);
        return (code, process.Output);
    }
}

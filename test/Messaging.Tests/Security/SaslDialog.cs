using System.Text;
using Messaging.Security.Mechanisms;
using Messaging.Tests.Support;

namespace Messaging.Tests.Security;

/// <summary>Exchanges without a connection: one side against the other, or against a script.</summary>
internal static class SaslDialog
{
    public static byte[] Binding { get; } = [.. Enumerable.Range(0, 32).Select(i => (byte)i)];

    public static SaslClientContext Client(string? user = "user", string? password = "pencil", string? token = null, byte[]? binding = null, bool encrypted = false, bool certificate = false, params string[] offered) => new()
    {
        Host = "server.example",
        Port = 5671,
        Credentials = user is null && password is null && token is null ? null : new SaslCredentials { User = user, Password = password, Token = token },
        ServerEndPointBinding = binding,
        IsEncrypted = encrypted || binding is not null,
        HasClientCertificate = certificate,
        OfferedMechanisms = offered,
    };

    public static SaslServerContext Server(byte[]? binding = null, params string[] offered) => new()
    {
        RemoteEndPoint = "test",
        ServerEndPointBinding = binding,
        IsEncrypted = binding is not null,
        OfferedMechanisms = offered,
    };

    public static ISaslClientExchange Start(this ISaslClientMechanism mechanism, SaslClientContext context)
    {
        ISaslClientExchange? exchange = mechanism.TryStart(context, out string? problem);
        Assert.Null(problem);
        return exchange!;
    }

    public static async Task<string> StartAsync(this ISaslClientExchange exchange) => Text((await exchange.StartAsync(BoundedWaits.Stop))!);

    public static async Task<string> RespondAsync(this ISaslClientExchange exchange, string challenge) =>
        Text(await exchange.RespondAsync(Encoding.UTF8.GetBytes(challenge), BoundedWaits.Stop));

    public static void Complete(this ISaslClientExchange exchange, string additionalData) => exchange.Complete(Encoding.UTF8.GetBytes(additionalData));

    /// <summary>The server's answer as text: "+" and a challenge, "= identity data", or "- reason".</summary>
    public static async Task<string> StepAsync(this ISaslServerExchange exchange, string? response)
    {
        SaslServerStep step = await exchange.StepAsync(response is null ? default(ReadOnlyMemory<byte>?) : Encoding.UTF8.GetBytes(response), BoundedWaits.Stop);
        string data = Text(step.Data.ToArray());
        return step switch
        {
            { IsChallenge: true } => "+" + data,
            { Code: 0 } => $"= {step.Identity} {data}".TrimEnd(),
            _ => "- " + step.Reason,
        };
    }

    /// <summary>Runs both sides to the end.</summary>
    /// <returns>The identity; null when the server refuses.</returns>
    public static async Task<string?> RunAsync(ISaslClientExchange client, ISaslServerExchange server)
    {
        byte[]? response = await client.StartAsync(BoundedWaits.Stop);
        SaslServerStep step = await server.StepAsync(response is null ? default(ReadOnlyMemory<byte>?) : response.AsMemory(), BoundedWaits.Stop);
        while (step.IsChallenge)
            step = await server.StepAsync(await client.RespondAsync(step.Data, BoundedWaits.Stop), BoundedWaits.Stop);
        if (step.Code == 0)
            client.Complete(step.Data);
        return step.Identity;
    }

    public static UserKeys Users(string user, string password, int iterations = Scram.LeastIterations, params ScramHash[] hashes)
    {
        var store = new InMemoryUserStore(iterations, hashes.Length > 0 ? hashes : null);
        store.Add(user, password);
        return new UserKeys(store);
    }

    private static string Text(byte[] bytes) => Encoding.UTF8.GetString(bytes);
}

/// <summary>A store that gives one user's keys for every hash, whatever they are.</summary>
internal sealed class OneUser(ScramKeys keys) : ISaslUserStore
{
    public IReadOnlyList<ScramHash> Hashes { get; } = [ScramHash.Sha512, ScramHash.Sha256, ScramHash.Sha1];

    public int Iterations => keys.Iterations;

    public ValueTask<ScramKeys?> FindAsync(string user, ScramHash hash, CancellationToken cancellationToken) => new(user == "user" ? keys : null);
}

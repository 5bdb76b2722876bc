using Messaging;

namespace Comparison.Sdk;

/// <summary>A client of this SDK with one connection, closed in order.</summary>
internal sealed class SdkConnection : IAsyncDisposable
{
    private readonly MessagingClient _client;
    private readonly IConnection _connection;

    private SdkConnection(MessagingClient client, IConnection connection)
    {
        _client = client;
        _connection = connection;
    }

    public static async Task<SdkConnection> OpenAsync(RoundSpec spec)
    {
        var client = new MessagingClient();
        try
        {
            return new SdkConnection(client, await client.ConnectAsync($"amqp://127.0.0.1:{spec.Port}"));
        }
        catch
        {
            await client.DisposeAsync();
            throw;
        }
    }

    public ValueTask<ISender> CreateSenderAsync(string address) => _connection.CreateSenderAsync(address);

    public ValueTask<IReceiver> CreateReceiverAsync(string address, int credit) =>
        _connection.CreateReceiverAsync(address, new ReceiverOptions { CreditWindow = credit });

    public async ValueTask DisposeAsync()
    {
        await _connection.DisposeAsync();
        await _client.DisposeAsync();
    }
}

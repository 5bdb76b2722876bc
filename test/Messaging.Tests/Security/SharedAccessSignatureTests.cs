using Microsoft.Extensions.Time.Testing;

namespace Messaging.Tests.Security;

public sealed class SharedAccessSignatureTests
{
    // printf '%s\n%s' "$resource" 1700003600 | openssl dgst -sha256 -hmac 'c2VjcmV0a2V5Zm9ydGVzdHM=' -binary | base64
    [Fact]
    public void Create_SignsAsAzureDocumentsIt()
    {
        var time = new FakeTimeProvider(DateTimeOffset.FromUnixTimeSeconds(1_700_000_000));

        CbsToken token = SharedAccessSignature.Create("amqps://example.servicebus.windows.net/queue", "RootManageSharedAccessKey", "c2VjcmV0a2V5Zm9ydGVzdHM=", TimeSpan.FromHours(1), time);

        Assert.Equal(
            "SharedAccessSignature sr=amqps%3A%2F%2Fexample.servicebus.windows.net%2Fqueue&sig=7lbXItVpMzxtuiv1MmP0u1rCihf1oj4rP0IkXZXZ%2Bac%3D&se=1700003600&skn=RootManageSharedAccessKey",
            token.Value);
        Assert.Equal("servicebus.windows.net:sastoken", token.Type);
        Assert.Equal(DateTimeOffset.FromUnixTimeSeconds(1_700_003_600), token.ExpiresAt);
        Assert.Equal("(token)", token.ToString());
    }

    [Fact]
    public void Create_NothingToSign_Throws()
    {
        Assert.Throws<ArgumentException>(() => SharedAccessSignature.Create("", "k", "v", TimeSpan.FromHours(1)));
        Assert.Throws<ArgumentException>(() => SharedAccessSignature.Create("r", "", "v", TimeSpan.FromHours(1)));
        Assert.Throws<ArgumentException>(() => SharedAccessSignature.Create("r", "k", "", TimeSpan.FromHours(1)));
        Assert.Throws<ArgumentOutOfRangeException>(() => SharedAccessSignature.Create("r", "k", "v", TimeSpan.Zero));
    }
}

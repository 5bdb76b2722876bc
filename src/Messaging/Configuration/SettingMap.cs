namespace Messaging.Configuration;

/// <summary>The one mapping of settings to options. What is not set stays as the options have it.</summary>
internal static class SettingMap
{
    /// <exception cref="FormatException">Keys contradict each other.</exception>
    public static void Apply(ConnectionSettings settings, ConnectionOptions options)
    {
        options.Url = Url(settings) ?? options.Url;
        options.User = settings.User ?? options.User;
        options.Password = settings.Password ?? options.Password;
        options.ContainerId = settings.ContainerId ?? options.ContainerId;
        options.VirtualHost = settings.VirtualHost ?? options.VirtualHost;
        options.SaslEnabled = SaslEnabled(settings) ?? options.SaslEnabled;
        options.AllowedMechanisms = settings.SaslMechanisms ?? options.AllowedMechanisms;
        options.AllowInsecureMechanisms = settings.SaslAllowInsecure ?? options.AllowInsecureMechanisms;
        options.Reconnect = settings.Reconnect ?? options.Reconnect;
        options.ConnectTimeout = settings.ConnectTimeout ?? options.ConnectTimeout;
        options.OperationTimeout = settings.OperationTimeout ?? options.OperationTimeout;
        options.IdleTimeout = settings.IdleTimeout ?? options.IdleTimeout;
        options.WriteTimeout = settings.WriteTimeout ?? options.WriteTimeout;
        options.MaxFrameSize = settings.MaxFrameSize ?? options.MaxFrameSize;
        options.ChannelMax = settings.ChannelMax ?? options.ChannelMax;
        ApplyTls(settings, options);
    }

    private static void ApplyTls(ConnectionSettings settings, ConnectionOptions options)
    {
        bool hasText = (settings.TlsCert ?? settings.TlsKey ?? settings.TlsKeyPassword ?? settings.TlsCa) is not null;
        if (!hasText && settings.TlsVerify is null)
            return;
        TlsOptions tls = options.Tls ??= new TlsOptions();
        tls.Certificate = settings.TlsCert ?? tls.Certificate;
        tls.Key = settings.TlsKey ?? tls.Key;
        tls.KeyPassword = settings.TlsKeyPassword ?? tls.KeyPassword;
        tls.Ca = settings.TlsCa ?? tls.Ca;
        tls.Verify = settings.TlsVerify ?? tls.Verify;
        if (tls.Certificate is null && (settings.TlsKey ?? settings.TlsKeyPassword) is not null)
            throw new FormatException($"The key {settings.NameOf(settings.TlsKey is null ? "tls.key_password" : "tls.key")} stands without {settings.NameOf("tls.cert")}, the certificate that it belongs to: write both.");
        if (!options.UsesTls())
            throw new FormatException($"The keys of {settings.NameOf("tls")} are set, and {ConnectionUrl.Parse(options.Url).Endpoint} is without TLS: use the scheme amqps, or leave them out.");
    }

    /// <summary>The URL, whole or from its parts; null when the settings name no server.</summary>
    private static string? Url(ConnectionSettings settings)
    {
        bool hasParts = settings.Scheme is not null || settings.Host is not null || settings.Port is not null;
        if (!hasParts)
            return settings.Url;
        if (settings.Url is not null)
            throw new FormatException($"The key {settings.NameOf("url")} stands beside {settings.NameOf("scheme")}, {settings.NameOf("host")} or {settings.NameOf("port")}: write the URL or its parts.");

        string server = $"{settings.Scheme ?? ConnectionUrl.Amqps}://{settings.Host ?? "localhost"}";
        return settings.Port is { } port ? $"{server}:{port}" : server;
    }

    private static bool? SaslEnabled(ConnectionSettings settings)
    {
        if (settings.SaslEnabled is not null && settings.SaslEnable is not null)
            throw new FormatException($"The keys {settings.NameOf("sasl.enabled")} and {settings.NameOf("sasl.enable")} mean the same: write one of them.");
        return settings.SaslEnabled ?? settings.SaslEnable;
    }
}

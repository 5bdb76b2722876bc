namespace Messaging.Tests.Configuration;

/// <summary>Contents of connect.json, for the reader and for the schema.</summary>
internal static class ConnectFileExamples
{
    /// <summary>The first example of the guide, 13.2.</summary>
    public const string GuideSimple = """
        {
            "host": "example.com",
            "user": "alice",
            "password": "secret"
        }
        """;

    /// <summary>The second example of the guide, 13.2.</summary>
    public const string GuideFull = """
        {
            "host": "example.com",
            "user": "ortega",
            "password": "secret",
            "sasl": {
                "mechanisms": ["SCRAM-SHA-1", "SCRAM-SHA-256"]
            },
            "tls": {
                "cert": "/home/ortega/cert.pem",
                "key": "/home/ortega/key.pem"
            }
        }
        """;

    public const string EveryKey = """
        {
            "$schema": "connect.schema.json",
            "scheme": "amqps", "host": "::1", "port": "amqp", "user": "alice", "password": "secret",
            "sasl": { "enabled": false, "mechanisms": "PLAIN  SCRAM-SHA-1 ", "allow_insecure": true },
            "tls": { "cert": "c.pem", "key": "k.pem", "key_password": "sesame", "ca": "/etc/ssl/certs", "verify": false },
            "containerId": "orders", "virtualHost": "v", "reconnect": false,
            "connectTimeout": "00:00:05", "operationTimeout": "infinite", "idleTimeout": "00:01:00", "writeTimeout": "1.00:00:00.5",
            "maxFrameSize": 4096, "channelMax": 7
        }
        """;

    public static TheoryData<string> Valid =>
    [
        "{}",
        GuideSimple,
        GuideFull,
        EveryKey,
        """{ "url": "amqp://alice:secret@example.com:1234/queue" }""",
        """{ "port": 1, "virtualHost": "", "user": "", "password": "" }""",
        """{ "port": "65535", "sasl": {}, "tls": {} }""",
        """{ "host": "[::1]", "sasl": { "enable": true, "mechanisms": ["PLAIN"] } }""",
        """{ "host": "fe80::1%eth0", "sasl": { "mechanisms": " PLAIN " } }""",
        """{ "tls": { "cert": "c.p12", "key_password": "sesame" } }""",
        """{ "idleTimeout": "00:00:00", "maxFrameSize": 512, "channelMax": 0 }""",
        """{ "idleTimeout": "24.00:00", "maxFrameSize": 16777216, "channelMax": 65535, "connectTimeout": "1:30", "writeTimeout": "49.00:00:00" }""",
    ];

    /// <summary>A file, the line that the error names, and what it says: what no schema needs to be asked about.</summary>
    public static TheoryData<string, int, string> WrongForTheReaderOnly => new()
    {
        { "", 1, "not JSON" },
        { "// nothing\n", 2, "not JSON" },
        { "host: example.com", 1, "not JSON" },
        { "{ 'host': 'example.com' }", 1, "not JSON" },
        { "{\n \"host\": \"a\",\n}", 3, "not JSON" },
        { "{\n \"host\": \"a\"\n \"user\": \"b\" }", 3, "not JSON" },
        { "{\n \"host\": \"a\"", 2, "not JSON" },
        { "{ /* }", 1, "not JSON" },
        { "{}\n{}", 2, "not JSON" },
        { "\u0000", 1, "not JSON" },
        { "{\n \"host\": \"a\",\n \"host\": \"a\" }", 3, "The key 'host' is there twice" },
        { "{ \"sasl\": {},\n \"sasl\": {} }", 2, "The key 'sasl' is there twice" },
        { "{ \"tls\": { \"ca\": \"a\",\n \"ca\": \"b\" } }", 2, "The key 'tls.ca' is there twice" },
        { "{ \"user\": \"\\ud800\" }", 1, "'user' is not well-formed Unicode" },
        { "{ \"\\ud800\": 1 }", 1, "not well-formed Unicode" },
        { "{ \"sasl\": { \"mechanisms\": [\n\"\\ud800\"] } }", 2, "'sasl.mechanisms' is not well-formed Unicode" },
        { "{ \"url\": \"amqp://host:port\" }", 1, "'url' is wrong: it must be a URL. The URL is malformed: the port is not a number" },
        { "{ \"url\": \"amqp://host:0\" }", 1, "has port 0" },
        { "{ \"connectTimeout\": \"25:00:00\" }", 1, "'connectTimeout' is wrong: it must be a time above zero" },
        { "{\n \"connectTimeout\": \"49.00:00:00.001\" }", 2, "'connectTimeout' is wrong: it must be a time above zero and at most 49 days" },
        { "{ \"operationTimeout\": \"1000.00:00:00\" }", 1, "'operationTimeout' is wrong: it must be a time above zero and at most 49 days" },
        { "{ \"writeTimeout\": \"50.00:00:00\" }", 1, "'writeTimeout' is wrong: it must be a time above zero and at most 49 days" },
        { "{\n \"url\": \"wss://host\" }", 2, "'url' is wrong: it must be a URL. The URL wss://host:443 is for WebSockets, which are not supported yet. Supported are the schemes amqp, amqps" },
        { "{ \"idleTimeout\": \"00:00:00.05\" }", 1, "'idleTimeout' is wrong: it must be a time from" },
        { "{ \"idleTimeout\": \"25.00:00:00\" }", 1, "'idleTimeout' is wrong: it must be a time from" },
    };

    /// <summary>A file, the line that the error names, and what it says.</summary>
    public static TheoryData<string, int, string> Wrong => new()
    {
        { "[]", 1, "It must hold one object" },
        { "\n\"amqp://localhost\"", 2, "It must hold one object" },
        { "{\n \"hots\": \"a\" }", 2, "The key 'hots' is unknown. Known are url, scheme, host" },
        { "{ \"Host\": \"a\" }", 1, "The key 'Host' is unknown" },
        { "{ \"sasl\": {\n \"mechanism\": \"PLAIN\" } }", 2, "The key 'sasl.mechanism' is unknown" },
        { "{ \"sasl.mechanisms\": \"PLAIN\" }", 1, "The key 'sasl.mechanisms' is unknown" },
        { "{ \"tls.cert\": \"a\" }", 1, "A dot stands for an object in an object" },
        { "{ \"tls\": { \"host\": \"a\" } }", 1, "The key 'tls.host' is unknown" },
        { "{ \"tls\": { \"$schema\": \"a\" } }", 1, "The key 'tls.$schema' is unknown" },
        { "{ \"$schema\": 1 }", 1, "'$schema' is wrong: it must be a text" },
        { "{ \"sasl\": true }", 1, "'sasl' is wrong: it must be an object, { … }, not true or false" },
        { "{ \"tls\": null }", 1, "'tls' is wrong: it must be an object, { … }, not null" },
        { "{ \"scheme\": \"http\" }", 1, "'scheme' is wrong: it must be \"amqp\" or \"amqps\"" },
        { "{ \"scheme\": \"ws\" }", 1, "'scheme' is wrong: it must be \"amqp\" or \"amqps\" (WebSockets, \"ws\" and \"wss\", are not supported yet)" },
        { "{ \"scheme\": \"wss\" }", 1, "'scheme' is wrong" },
        { "{ \"scheme\": \"AMQP\" }", 1, "'scheme' is wrong: it must be \"amqp\" or \"amqps\"" },
        { "{ \"host\": 1 }", 1, "'host' is wrong: it must be a host name or an IP address, without scheme, user, port or path, not a number" },
        { "{ \"host\": \"\" }", 1, "'host' is wrong" },
        { "{ \"host\": \"amqp://a\" }", 1, "'host' is wrong" },
        { "{ \"host\": \"host.example:5672\" }", 1, "'host' is wrong" },
        { "{ \"host\": \"[::1]:5672\" }", 1, "'host' is wrong" },
        { "{ \"host\": \"alice@a\" }", 1, "'host' is wrong" },
        { "{ \"host\": \"a/b\" }", 1, "'host' is wrong" },
        { "{ \"host\": \"a b\" }", 1, "'host' is wrong" },
        { "{ \"host\": \"bücher.example\" }", 1, "'host' is wrong" },
        { "{\n\n \"port\": \"none\" }", 3, "'port' is wrong: it must be a number from 1 to 65535, \"amqp\" or \"amqps\"." },
        { "{ \"port\": 0 }", 1, "'port' is wrong" },
        { "{ \"port\": 65536 }", 1, "'port' is wrong" },
        { "{ \"port\": -1 }", 1, "'port' is wrong" },
        { "{ \"port\": 5672.5 }", 1, "'port' is wrong" },
        { "{ \"port\": \"\" }", 1, "'port' is wrong" },
        { "{ \"port\": true }", 1, "'port' is wrong: it must be a number from 1 to 65535, \"amqp\" or \"amqps\", not true or false" },
        { "{ \"user\": 1 }", 1, "'user' is wrong: it must be a text, not a number" },
        { "{ \"user\": null }", 1, "'user' is wrong: it must be a text, not null" },
        { "{ \"password\": 12345678 }", 1, "'password' is wrong: it must be a text, not a number" },
        { "{ \"password\": [\"t0ps3cret\"] }", 1, "'password' is wrong: it must be a text, not a list" },
        { "{ \"password\": { \"t0ps3cret\": 1 } }", 1, "'password' is wrong: it must be a text, not an object" },
        { "{ \"sasl\": { \"enabled\": \"true\" } }", 1, "'sasl.enabled' is wrong: it must be true or false, not a text" },
        { "{ \"sasl\": { \"allow_insecure\": 1 } }", 1, "'sasl.allow_insecure' is wrong: it must be true or false, not a number" },
        { "{ \"sasl\": { \"mechanisms\": true } }", 1, "'sasl.mechanisms' is wrong: it must be a list of SASL mechanism names" },
        { "{ \"sasl\": { \"mechanisms\": [\n\"PLAIN\",\n1] } }", 3, "'sasl.mechanisms' is wrong: it must be a list of SASL mechanism names" },
        { "{ \"sasl\": { \"mechanisms\": \"PLAIN, EXTERNAL\" } }", 1, "'sasl.mechanisms' is wrong" },
        { "{ \"sasl\": { \"mechanisms\": [\"PLAIN EXTERNAL\"] } }", 1, "'sasl.mechanisms' is wrong" },
        { "{ \"sasl\": { \"mechanisms\": [] } }", 1, "'sasl.mechanisms' is wrong: it must be a list of SASL mechanism names" },
        { "{ \"sasl\": { \"mechanisms\": \" \" } }", 1, "'sasl.mechanisms' is wrong" },
        { "{ \"sasl\": { \"mechanisms\": [\"plain\"] } }", 1, "'sasl.mechanisms' is wrong" },
        { "{ \"tls\": { \"cert\": \"\" } }", 1, "'tls.cert' is wrong: it must be a text that is not empty" },
        { "{ \"tls\": { \"verify\": \"no\" } }", 1, "'tls.verify' is wrong: it must be true or false, not a text" },
        { "{ \"tls\": { \"key_password\": 1 } }", 1, "'tls.key_password' is wrong: it must be a text, not a number" },
        { "{ \"containerId\": \"\" }", 1, "'containerId' is wrong: it must be a text that is not empty" },
        { "{ \"reconnect\": {} }", 1, "'reconnect' is wrong: it must be true or false, not an object" },
        { "{ \"connectTimeout\": 30 }", 1, "'connectTimeout' is wrong: it must be a time above zero and at most 49 days such as \"00:00:30\" (hours:minutes:seconds), or \"infinite\", not a number" },
        { "{ \"connectTimeout\": \"30\" }", 1, "'connectTimeout' is wrong" },
        { "{ \"operationTimeout\": \"00:00:00\" }", 1, "'operationTimeout' is wrong" },
        { "{ \"writeTimeout\": \"-00:00:05\" }", 1, "'writeTimeout' is wrong" },
        { "{ \"idleTimeout\": \"infinite\" }", 1, "'idleTimeout' is wrong" },
        { "{ \"maxFrameSize\": 511 }", 1, "'maxFrameSize' is wrong: it must be a whole number from 512 to 16777216" },
        { "{ \"maxFrameSize\": 16777217 }", 1, "'maxFrameSize' is wrong" },
        { "{ \"maxFrameSize\": \"4096\" }", 1, "'maxFrameSize' is wrong: it must be a whole number from 512 to 16777216, not a text" },
        { "{ \"channelMax\": 65536 }", 1, "'channelMax' is wrong: it must be a whole number from 0 to 65535" },
        { "{ \"channelMax\": 99999999999999999999 }", 1, "'channelMax' is wrong" },
        { "{ \"url\": \"amqp://host?x=1\" }", 1, "it has a query" },
        { "{ \"url\": \"amqp://a b\" }", 1, "a space" },
    };

    /// <summary>Keys that contradict each other, and the keys that the error names.</summary>
    public static TheoryData<string, string, string> Contradictory => new()
    {
        { """{ "url": "amqp://a", "host": "b" }""", "'url'", "'host'" },
        { """{ "scheme": "amqp", "url": "amqp://a" }""", "'url'", "'scheme'" },
        { """{ "url": "amqp://a", "port": 1 }""", "'url'", "'port'" },
        { """{ "sasl": { "enabled": true, "enable": true } }""", "'sasl.enabled'", "'sasl.enable'" },
        { """{ "tls": { "key": "k.pem" } }""", "'tls.key'", "'tls.cert'" },
        { """{ "tls": { "key_password": "sesame", "ca": "ca.pem" } }""", "'tls.key_password'", "'tls.cert'" },
        { """{ "scheme": "amqp", "tls": { "ca": "ca.pem" } }""", "'tls'", "amqps" },
        { """{ "scheme": "amqp", "tls": { "verify": true } }""", "'tls'", "amqps" },
    };
}

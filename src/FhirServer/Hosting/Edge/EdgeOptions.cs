namespace FhirEmr.FhirServer.Hosting.Edge;

/// <summary>What one request, one client and the server as a whole may take (security §8, reliability R-40). Bound from <c>Limits</c>.</summary>
public sealed class EdgeOptions
{
    /// <summary>Bytes of one resource, or of an operation's parameters.</summary>
    public int ResourceBytes { get; set; } = 16 * 1024 * 1024;

    /// <summary>Characters of the address with its query.</summary>
    public int UrlLength { get; set; } = 16 * 1024;

    /// <summary>Characters of all header names and values together.</summary>
    public int HeaderLength { get; set; } = 32 * 1024;

    /// <summary>Query parameters, and those of a form.</summary>
    public int Parameters { get; set; } = 100;

    /// <summary>Alternatives of one parameter (values between commas).</summary>
    public int OrValues { get; set; } = 500;

    /// <summary>Bytes of request bodies in memory at one time, all clients together.</summary>
    public long BodyBytesInFlight { get; set; } = 512L * 1024 * 1024;

    /// <summary>Bytes of answers in memory at one time until they are sent, all clients together; beyond it reads get 503.</summary>
    public long AnswerBytesInFlight { get; set; } = 512L * 1024 * 1024;

    /// <summary>Bytes of JSON that are still turned into XML, or indented; larger answers are given as JSON only.</summary>
    public int ConvertedBytes { get; set; } = 32 * 1024 * 1024;

    public TimeSpan RequestTime { get; set; } = TimeSpan.FromSeconds(30);

    /// <summary>For Bundles, export and other work that is large by nature.</summary>
    public TimeSpan HeavyRequestTime { get; set; } = TimeSpan.FromMinutes(5);

    public int Reads { get; set; } = 128;

    public int Writes { get; set; } = 128;

    /// <summary>Large Bundles, searches over everything, $everything, $export, $graphql at one time; 0: two for each core.</summary>
    public int Heavy { get; set; }

    /// <summary>Uploads of raw Binary content at one time.</summary>
    public int Uploads { get; set; } = 16;

    /// <summary>Requests that may wait for a read or a write.</summary>
    public int Queue { get; set; } = 1024;

    public int HeavyQueue { get; set; } = 64;

    /// <summary>Longest wait in a queue.</summary>
    public TimeSpan QueueTime { get; set; } = TimeSpan.FromSeconds(5);

    public TimeSpan HeavyQueueTime { get; set; } = TimeSpan.FromSeconds(30);

    /// <summary>Requests a minute from one address that is not this machine; 0: no limit.</summary>
    public int AddressPerMinute { get; set; } = 6_000;

    /// <summary>Of these, such as come without credentials that count; 0: no limit.</summary>
    public int AnonymousPerMinute { get; set; } = 60;

    /// <summary>Requests a minute of one user, whatever app sends them; 0: no limit.</summary>
    public int UserPerMinute { get; set; } = 6_000;

    /// <summary>Requests a minute of one client, its users together; 0: no limit, since what a back end may take is for <see cref="Heavy"/> and its like to decide (reliability R-40).</summary>
    public int ClientPerMinute { get; set; }

    /// <summary>Tokens a minute that one client asks for (an app: for one user), and requests for tokens from one address; 0: no limit.</summary>
    public int TokensPerMinute { get; set; } = 20;

    /// <summary>Requests of one user at one time; as many again wait for <see cref="QueueTime"/>. 0: no limit.</summary>
    public int UserConcurrency { get; set; } = 16;

    /// <summary>Clients that are not counted, nor their users: a bulk load one knows about. Their addresses are.</summary>
    public IList<string> UncountedClients { get; } = [];

    /// <summary>Whether bodies may come with Content-Encoding gzip, deflate or br.</summary>
    public bool RequestCompression { get; set; }

    /// <summary>How many times larger than it came a compressed body may become.</summary>
    public int CompressionRatio { get; set; } = 100;

    /// <summary>Requests that take longer are logged.</summary>
    public TimeSpan SlowRequest { get; set; } = TimeSpan.FromSeconds(2);

    /// <summary>Origins of web apps that may call the FHIR API from a browser, such as <c>https://app.example.org</c>.</summary>
    public IList<string> Origins { get; } = [];
}

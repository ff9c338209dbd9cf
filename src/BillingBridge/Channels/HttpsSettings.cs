namespace FhirEmr.BillingBridge.Channels;

/// <summary>A clearinghouse's web address for X12, as CAQH CORE has it, with an optional mailbox for what comes later.</summary>
public sealed class HttpsSettings
{
    /// <summary>Where files are posted to.</summary>
    public string Url { get; set; } = "";

    /// <summary>Mailbox: GET lists names, GET with a name gives the file, DELETE takes it away. Empty: answers come with the post only.</summary>
    public string MailboxUrl { get; set; } = "";

    /// <summary>How a file is wrapped.</summary>
    public HttpsEnvelope Envelope { get; set; } = HttpsEnvelope.Mime;

    /// <summary>Basic sign-in.</summary>
    public string User { get; set; } = "";

    public string Password { get; set; } = "";

    public string PasswordFile { get; set; } = "";

    /// <summary>OAuth 2 client credentials instead of Basic: where tokens are had.</summary>
    public string TokenUrl { get; set; } = "";

    public string ClientId { get; set; } = "";

    public string ClientSecretFile { get; set; } = "";

    public string ClientSecret { get; set; } = "";

    public string Scope { get; set; } = "";

    /// <summary>CORE SenderID and ReceiverID; empty takes those of the interchange.</summary>
    public string SenderId { get; set; } = "";

    public string ReceiverId { get; set; } = "";

    /// <summary>How long a question may take; CORE gives a real-time answer 20 seconds.</summary>
    public int TimeoutSeconds { get; set; } = 30;

    /// <summary>What is wrong, in sentences with the setting's name.</summary>
    public IEnumerable<string> Faults()
    {
        if (Url.Length == 0)
            yield return "Billing:Channel:Https:Url is not set: give the address the clearinghouse takes X12 at.";
        foreach (var (name, url) in ((string, string)[])[("Url", Url), ("MailboxUrl", MailboxUrl), ("TokenUrl", TokenUrl)])
        {
            if (url.Length > 0 && !IsSafe(url))
                yield return $"Billing:Channel:Https:{name} is '{url}': it must be an https address without user or password in it (http only to 127.0.0.1).";
        }

        if (TokenUrl.Length > 0 && (ClientId.Length == 0 || (ClientSecret.Length == 0 && ClientSecretFile.Length == 0)))
            yield return "Billing:Channel:Https:TokenUrl is set, so ClientId and ClientSecretFile are needed, too.";
        if (TokenUrl.Length > 0 && User.Length > 0)
            yield return "Billing:Channel:Https has both User and TokenUrl: use one way to sign in.";
        if (TokenUrl.Length == 0 && (User.Length == 0 || (Password.Length == 0 && PasswordFile.Length == 0)))
            yield return "Billing:Channel:Https has no way to sign in: set User and PasswordFile, or TokenUrl, ClientId and ClientSecretFile.";
        foreach (var (name, file) in ((string, string)[])[("PasswordFile", PasswordFile), ("ClientSecretFile", ClientSecretFile)])
        {
            if (file.Length > 0 && !File.Exists(file))
                yield return $"Billing:Channel:Https:{name} is '{file}', and no such file is there.";
        }

        if (TimeoutSeconds is < 1 or > 300)
            yield return $"Billing:Channel:Https:TimeoutSeconds is {TimeoutSeconds}: choose 1 to 300.";
    }

    private static bool IsSafe(string url) => Uri.TryCreate(url, UriKind.Absolute, out var address) && address.UserInfo.Length == 0
        && (address.Scheme == Uri.UriSchemeHttps || (address.Scheme == Uri.UriSchemeHttp && address.Host == "127.0.0.1"));
}

/// <summary>How X12 travels in a post.</summary>
public enum HttpsEnvelope
{
    /// <summary>CAQH CORE: multipart/form-data with PayloadType, PayloadID and the rest beside the Payload.</summary>
    Mime,

    /// <summary>The X12 is the body.</summary>
    Raw,
}

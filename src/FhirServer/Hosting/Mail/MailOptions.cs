namespace FhirEmr.FhirServer.Hosting.Mail;

/// <summary>The mail server, and who is told of what. Bound from <c>Mail</c>; without a host no mail is sent.</summary>
internal sealed class MailOptions
{
    public string Host { get; set; } = "";

    /// <summary>587: the connection is made safe by STARTTLS; 465: it is TLS from the beginning. Anything else only by STARTTLS.</summary>
    public int Port { get; set; } = 587;

    public string User { get; set; } = "";

    public string Password { get; set; } = "";

    /// <summary>The sender, as in <c>emr@practice.example</c>.</summary>
    public string From { get; set; } = "";

    /// <summary>Who answers for privacy: is told of each emergency access (security S-47).</summary>
    public string PrivacyOfficer { get; set; } = "";

    public bool IsOn => Host.Length > 0;

    /// <summary>Null, or why no mail can be sent like this.</summary>
    public string? Fault() =>
        !IsOn ? null
        : !MimeKit.MailboxAddress.TryParse(From, out _) ? "Mail:From must be the address that mail of this server comes from, as in emr@practice.example."
        : PrivacyOfficer.Length > 0 && !MimeKit.MailboxAddress.TryParse(PrivacyOfficer, out _) ? "Mail:PrivacyOfficer is not an address."
        : null;
}

using FhirEmr.FhirServer.Subscriptions;
using Microsoft.Extensions.Options;

namespace FhirEmr.FhirServer.Hosting.Mail;

/// <summary>The mail server for subscriptions by email.</summary>
internal sealed partial class SubscriptionMail(Mailer mailer, IOptions<MailOptions> options, ILogger<SubscriptionMail> log) : ISubscriptionMail
{
    public bool IsOn => options.Value.IsOn && options.Value.Fault() is null;

    public async Task<string?> SendAsync(string id, string to, string subject, string text, CancellationToken ct)
    {
        try
        {
            await mailer.SendAsync($"subscription.{id}", to, subject, text, ct);
            return null;
        }
        catch (MailException e)
        {
            NotTaken(log, id, e.Message);
            return "The mail server did not take the mail."; // whoever reads the Subscription need not know which it is, nor what it says
        }
    }

    [LoggerMessage(Level = LogLevel.Warning, Message = "The mail of notification {Id} was not taken: {Reason}")]
    private static partial void NotTaken(ILogger log, string id, string reason);
}

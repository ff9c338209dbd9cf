using FhirEmr.FhirServer.Subscriptions;
using Microsoft.Extensions.Options;

namespace FhirEmr.FhirServer.Hosting.Mail;

/// <summary>The mail server for subscriptions by email.</summary>
internal sealed class SubscriptionMail(Mailer mailer, IOptions<MailOptions> options) : ISubscriptionMail
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
            return e.Message;
        }
    }
}

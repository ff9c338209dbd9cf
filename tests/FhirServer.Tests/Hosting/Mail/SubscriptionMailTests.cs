using FhirEmr.FhirServer.Hosting.Mail;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Options;

namespace FhirEmr.FhirServer.Tests.Hosting.Mail;

public sealed class SubscriptionMailTests
{
    [Fact]
    public async Task A_mail_server_that_is_away_is_not_named_to_whoever_reads_the_subscription()
    {
        var options = Options.Create(new MailOptions { Host = "127.0.0.1", Port = 1, From = "emr@practice.example" });
        var mail = new SubscriptionMail(new Mailer(options), options, NullLogger<SubscriptionMail>.Instance);

        Assert.Equal("The mail server did not take the mail.", await mail.SendAsync("1", "nurse@practice.example", "x", "y", TestContext.Current.CancellationToken));
    }
}

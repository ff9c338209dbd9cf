using FhirEmr.FhirServer.Subscriptions;
using Hl7.Fhir.Model;
using Microsoft.Extensions.Options;
using Task = System.Threading.Tasks.Task;

namespace FhirEmr.FhirServer.Tests.Subscriptions;

public sealed class SubscriptionCapabilityTests
{
    [Theory]
    [InlineData(true, "websocket, email;")]
    [InlineData(false, "once an administrator has set")]
    public void Topics_and_channels_are_told_of_Subscription_and_of_no_other_type(bool hasMail, string told)
    {
        var options = new SubscriptionOptions();
        options.MailTo.Add("@a.example");
        var capability = new SubscriptionCapability(new Mail(hasMail), Options.Create(options));
        var (subscription, patient) = (new CapabilityStatement.ResourceComponent { Type = "Subscription" }, new CapabilityStatement.ResourceComponent { Type = "Patient" });
        capability.AddTo(subscription);
        capability.AddTo(patient);

        Assert.Equal(
            SubscriptionTopics.All.Select(t => t.Url),
            subscription.Extension.Where(e => e.Url == "http://hl7.org/fhir/uv/subscriptions-backport/StructureDefinition/capabilitystatement-subscriptiontopic-canonical").Select(e => ((Canonical)e.Value!).Value));
        Assert.Equal(["http://hl7.org/fhir/uv/subscriptions-backport/StructureDefinition/backport-subscription"], subscription.SupportedProfile);
        Assert.Contains(told, subscription.Documentation, StringComparison.Ordinal);
        Assert.Empty(patient.Extension);
    }

    private sealed class Mail(bool isOn) : ISubscriptionMail
    {
        public bool IsOn => isOn;

        public Task<string?> SendAsync(string id, string to, string subject, string text, CancellationToken ct) => Task.FromResult<string?>(null);
    }
}

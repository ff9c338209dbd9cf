using FhirEmr.FhirServer.Interactions.System;
using FhirEmr.FhirServer.Rest;
using Hl7.Fhir.Model;
using Microsoft.Extensions.Options;

namespace FhirEmr.FhirServer.Subscriptions;

/// <summary>Topics, channels and limits, said where the guide wants them said.</summary>
internal sealed class SubscriptionCapability(ISubscriptionMail mail, IOptions<SubscriptionOptions> options) : ICapability
{
    public string Guide => Backport.Guide;

    public void AddTo(CapabilityStatement.ResourceComponent resource)
    {
        if (resource.Type != "Subscription")
            return;
        foreach (var topic in SubscriptionTopics.All)
            resource.Extension.Add(new(Backport.TopicCanonical, new Canonical(topic.Url)));
        resource.SupportedProfileElement.Add(new Canonical(Backport.Subscription));
        var hasMail = mail.IsOn && options.Value.MailTo.Count > 0;
        resource.Documentation = $"criteria: a search (channel rest-hook; payload none or {FhirFormats.JsonMediaType}, sent by PUT to [endpoint]/[type]/[id]), or one of the topics listed here "
            + $"(channels rest-hook, websocket{(hasMail ? ", email" : "; email once an administrator has set Mail:Host and Subscriptions:MailTo")}; payload content empty, id-only or full-resource). "
            + $"Clients write status requested or off; active and error are the server's. What is not taken is tried again for {options.Value.RetryFor.TotalHours:0} hours; events can be asked for again for {options.Value.EventsKeptFor.TotalDays:0} days.";
    }
}

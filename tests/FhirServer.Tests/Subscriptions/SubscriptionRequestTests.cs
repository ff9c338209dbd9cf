using System.Text;
using FhirEmr.FhirServer.Subscriptions;

namespace FhirEmr.FhirServer.Tests.Subscriptions;

public sealed class SubscriptionRequestTests
{
    private const string Backported = "http://hl7.org/fhir/uv/subscriptions-backport/StructureDefinition/";

    [Fact]
    public void A_search_with_a_payload_is_told_by_the_whole_resource()
    {
        var request = Read("""{"resourceType":"Subscription","status":"requested","reason":"r","criteria":"Observation?code=http://loinc.org|4548-4","end":"2030-01-01T00:00:00Z","channel":{"type":"rest-hook","endpoint":"https://a.example/x","payload":"application/fhir+json","header":["Authorization: Bearer abc","X-One:1"]} }""");
        Assert.Equal((null, ChannelKind.RestHook, PayloadContent.FullResource, true), (request.Topic, request.Channel, request.Content, request.IsWanted));
        Assert.Equal([("Authorization", "Bearer abc"), ("X-One", "1")], request.Headers);
        Assert.Equal(2030, request.End?.Year);
    }

    [Fact]
    public void A_topic_tells_ids_unless_it_says_otherwise()
    {
        var request = Read("""{"resourceType":"Subscription","status":"requested","reason":"r","criteria":"urn:fhiremr:SubscriptionTopic:encounter-start","channel":{"type":"rest-hook","endpoint":"https://a.example/x","payload":"application/fhir+json"} }""");
        Assert.Equal(("encounter-start", PayloadContent.IdOnly, 1, null), (request.Topic?.Name, request.Content, request.MostEvents, request.Heartbeat));
    }

    [Fact]
    public void What_the_guide_adds_is_read()
    {
        var request = Read($$"""
            {"resourceType":"Subscription","status":"requested","reason":"r","criteria":"urn:fhiremr:SubscriptionTopic:encounter-start|1.0",
             "_criteria":{"extension":[{"url":"{{Backported}}backport-filter-criteria","valueString":"Encounter?patient=Patient/1"},{"url":"{{Backported}}backport-filter-criteria","valueString":"class=AMB"}]},
             "channel":{"extension":[{"url":"{{Backported}}backport-heartbeat-period","valueUnsignedInt":60},{"url":"{{Backported}}backport-timeout","valueUnsignedInt":3},{"url":"{{Backported}}backport-max-count","valuePositiveInt":20}],
              "type":"rest-hook","endpoint":"https://a.example/x","payload":"application/fhir+json","_payload":{"extension":[{"url":"{{Backported}}backport-payload-content","valueCode":"full-resource"}]} } }
            """);
        Assert.Equal((TimeSpan.FromMinutes(1), TimeSpan.FromSeconds(3), 20, PayloadContent.FullResource), (request.Heartbeat, request.Timeout, request.MostEvents, request.Content));
        Assert.Equal(["Encounter?patient=Patient/1", "class=AMB"], request.Filters);
    }

    [Theory]
    [InlineData("\"criteria\":\"Patient?name=a\",\"channel\":{\"type\":\"sms\",\"endpoint\":\"tel:1\"}", "rest-hook")]
    [InlineData("\"criteria\":\"Patient?name=a\",\"channel\":{\"type\":\"message\",\"endpoint\":\"https://a.example\"}", "rest-hook")]
    [InlineData("\"criteria\":\"Patient?name=a\",\"channel\":{\"type\":\"websocket\"}", "name a topic")]
    [InlineData("\"criteria\":\"Patient?name=a\",\"channel\":{\"type\":\"email\",\"endpoint\":\"mailto:a@b.example\"}", "name a topic")]
    [InlineData("\"criteria\":\"Patient?name=a\",\"channel\":{\"type\":\"rest-hook\",\"endpoint\":\"https://a.example\",\"payload\":\"application/fhir+xml\"}", "application/fhir+json")]
    [InlineData("\"criteria\":\"http://example.org/topics/x\",\"channel\":{\"type\":\"rest-hook\",\"endpoint\":\"https://a.example\"}", "$topics")]
    [InlineData("\"criteria\":\"urn:fhiremr:SubscriptionTopic:encounter-strat\",\"channel\":{\"type\":\"rest-hook\",\"endpoint\":\"https://a.example\"}", "encounter-start")]
    [InlineData("\"criteria\":\"Patient?name=a\",\"channel\":{\"type\":\"rest-hook\",\"endpoint\":\"https://a.example\",\"header\":[\"Host: b.example\"]}", "Host")]
    [InlineData("\"criteria\":\"Patient?name=a\",\"channel\":{\"type\":\"rest-hook\",\"endpoint\":\"https://a.example\",\"header\":[\"no header\"]}", "Name: value")]
    [InlineData("\"criteria\":\"Patient?name=a\",\"channel\":{\"type\":\"rest-hook\",\"endpoint\":\"https://a.example\",\"header\":[\"X-A: one\\r\\nX-B: two\"]}", "Name: value")]
    [InlineData("\"criteria\":\"urn:fhiremr:SubscriptionTopic:encounter-start\",\"channel\":{\"type\":\"email\",\"endpoint\":\"mailto:a@b.example\",\"_payload\":{\"extension\":[{\"url\":\"http://hl7.org/fhir/uv/subscriptions-backport/StructureDefinition/backport-payload-content\",\"valueCode\":\"full-resource\"}]}}", "Mail is read on the way")]
    [InlineData("\"criteria\":\"urn:fhiremr:SubscriptionTopic:encounter-start\",\"channel\":{\"type\":\"rest-hook\",\"endpoint\":\"https://a.example\",\"_payload\":{\"extension\":[{\"url\":\"http://hl7.org/fhir/uv/subscriptions-backport/StructureDefinition/backport-payload-content\",\"valueCode\":\"all\"}]}}", "id-only")]
    public void What_is_not_offered_is_refused_with_the_fix(string elements, string fix)
    {
        var (request, fault) = SubscriptionRequest.Read(Encoding.UTF8.GetBytes($"{{\"resourceType\":\"Subscription\",\"status\":\"requested\",\"reason\":\"r\",{elements}}}"));
        Assert.Null(request);
        Assert.Equal(422, fault!.Status);
        Assert.Contains(fix, fault.Issues[0].Text, StringComparison.Ordinal);
    }

    [Fact]
    public void Topics_are_named_once_and_each_says_when_it_happens()
    {
        Assert.Equal(SubscriptionTopics.All.Count, SubscriptionTopics.All.Select(t => t.Url).Distinct().Count());
        Assert.All(SubscriptionTopics.All, t => Assert.Contains(SubscriptionTopics.ToBasic(t).Extension, e => e.Url?.EndsWith("resourceTrigger", StringComparison.Ordinal) == true));
        Assert.Same(SubscriptionTopics.All[0], SubscriptionTopics.Find(SubscriptionTopics.All[0].Url + "|2.0"));
    }

    private static SubscriptionRequest Read(string json)
    {
        var (request, fault) = SubscriptionRequest.Read(Encoding.UTF8.GetBytes(json));
        Assert.True(request is not null, fault?.Issues[0].Text);
        return request;
    }
}

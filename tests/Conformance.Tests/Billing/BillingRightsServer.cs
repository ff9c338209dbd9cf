using System.Text.Json.Nodes;
using FhirEmr.Conformance.Tests.Security.Smart;
using FhirEmr.FhirServer.Billing;
using Microsoft.AspNetCore.Builder;

namespace FhirEmr.Conformance.Tests.Billing;

/// <summary>A server that asks who is there and bills as the demo does: two patients with everything that a billing operation can be asked of.</summary>
public sealed class BillingRightsServer() : SmartServer(null), IAsyncDisposable
{
    private readonly DirectoryInfo tables = Directory.CreateTempSubdirectory("fhir-emr-tables-");

    protected override IReadOnlyDictionary<string, string?> Settings => new Dictionary<string, string?>(base.Settings) { ["Billing:TablesFolder"] = tables.FullName };

    protected override void Configure(WebApplicationBuilder builder)
    {
        base.Configure(builder);
        builder.Services.AddDemoBilling();
        File.WriteAllText(Path.Combine(tables.FullName, "payer-rows.json"), """[{ "payerId": "FM001", "family": "commercial", "daysToPay": 17 }]""");
    }

    protected override async Task SeedAsync()
    {
        await base.SeedAsync();
        await StoreAsync("Organization/payer", """{"resourceType":"Organization","id":"payer","name":"First Mutual","identifier":[{"system":"urn:fhiremr:payer-id","value":"FM001"}]}""");
        await StoreAsync("Organization/practice", """{"resourceType":"Organization","id":"practice","name":"Hilltop Clinic","identifier":[{"system":"http://hl7.org/fhir/sid/us-npi","value":"1234567893"}]}""");
        foreach (var id in (string[])["a", "b"])
        {
            await StoreAsync($"Coverage/{id}-cov", $$"""{"resourceType":"Coverage","id":"{{id}}-cov","status":"active","subscriberId":"MEMBER{{id}}","beneficiary":{"reference":"Patient/{{id}}"},"payor":[{"reference":"Organization/payer"}]}""");
            await ClaimAsync($"{id}-claim", $"PCNOF{id}", id);
            await StoreAsync($"Account/{id}-account", $$"""{"resourceType":"Account","id":"{{id}}-account","status":"active","subject":[{"reference":"Patient/{{id}}"}]}""");
            await StoreAsync($"Appointment/{id}-appointment", $$"""{"resourceType":"Appointment","id":"{{id}}-appointment","status":"booked","start":"2026-02-02T10:00:00Z","end":"2026-02-02T10:20:00Z","participant":[{"actor":{"reference":"Patient/{{id}}"},"status":"accepted"}]}""");
            await StoreAsync($"CoverageEligibilityRequest/{id}-question", Question(id, $"{id}-question"));
            await StoreAsync($"PaymentReconciliation/{id}-payment", $$"""{"resourceType":"PaymentReconciliation","id":"{{id}}-payment","status":"active","created":"2026-01-20","paymentDate":"2026-01-20","paymentAmount":{"value":1,"currency":"USD"} }""");
            await StoreAsync($"Task/{id}-task", $$"""{"resourceType":"Task","id":"{{id}}-task","status":"requested","intent":"order","code":{"coding":[{"system":"urn:fhiremr:task","code":"denial-coding"}]},"focus":{"reference":"Claim/{{id}}-claim"},"for":{"reference":"Patient/{{id}}"} }""");
        }
    }

    async ValueTask IAsyncDisposable.DisposeAsync()
    {
        await DisposeAsync();
        tables.Delete(recursive: true);
    }

    private readonly Lock storing = new();
    private Task? old;

    /// <summary>Two of each from March 2024, when there was nothing else; the second labelled, so that nearly nobody may read it.</summary>
    public Task OldRecordsAsync()
    {
        lock (storing)
            return old ??= StoreOldAsync();
    }

    private async Task StoreOldAsync()
    {
        foreach (var (id, meta) in ((string, string)[])[("old-plain", ""), ("old-secret", """ "meta":{"security":[{"system":"http://terminology.hl7.org/CodeSystem/v3-Confidentiality","code":"R"}]},""")])
        {
            await StoreAsync($"Appointment/{id}", $$"""{"resourceType":"Appointment","id":"{{id}}",{{meta}}"status":"booked","start":"2024-03-05T10:00:00Z","end":"2024-03-05T10:20:00Z","participant":[{"actor":{"reference":"Patient/a"},"status":"accepted"}]}""");
            await StoreAsync($"Encounter/{id}", $$"""{"resourceType":"Encounter","id":"{{id}}",{{meta}}"status":"finished","class":{"code":"AMB"},"subject":{"reference":"Patient/a"},"period":{"start":"2024-03-05","end":"2024-03-05"} }""");
            await StoreAsync($"Task/{id}", $$"""{"resourceType":"Task","id":"{{id}}",{{meta}}"status":"requested","intent":"order","code":{"coding":[{"system":"urn:fhiremr:task","code":"denial-provider"}]},"performerType":[{"coding":[{"system":"urn:fhiremr:worklist-group","code":"credentialing"}]}],"focus":{"reference":"Claim/a-claim"},"for":{"reference":"Patient/a"} }""");
            await StoreAsync($"Claim/{id}", $$$"""
                {"resourceType":"Claim","id":"{{{id}}}",{{{meta}}}"status":"draft","use":"claim","created":"2024-03-06","extension":[{"url":"urn:fhiremr:claim-stage","valueCode":"draft"}],
                 "type":{"coding":[{"code":"professional"}]},"patient":{"reference":"Patient/a"},"provider":{"reference":"Organization/practice"},"priority":{"text":"normal"},
                 "insurance":[{"sequence":1,"focal":true,"coverage":{"reference":"Coverage/a-cov"}}],
                 "item":[{"sequence":1,"productOrService":{"coding":[{"system":"http://www.ama-assn.org/go/cpt","code":"99213"}]},"servicedDate":"2024-03-05","net":{"value":90,"currency":"USD"}}],"total":{"value":90,"currency":"USD"}}
                """);
        }
    }

    /// <summary>A claim of 9,000 dollars that the payer has.</summary>
    public Task ClaimAsync(string id, string number, string patient) => StoreAsync($"Claim/{id}", $$$"""
        {"resourceType":"Claim","id":"{{{id}}}","status":"active","use":"claim","created":"2026-01-03","identifier":[{"system":"urn:fhiremr:pcn","value":"{{{number}}}"}],
         "extension":[{"url":"urn:fhiremr:claim-stage","valueCode":"submitted"}],"type":{"coding":[{"code":"professional"}]},"patient":{"reference":"Patient/{{{patient}}}"},"provider":{"reference":"Organization/practice"},"priority":{"text":"normal"},
         "insurance":[{"sequence":1,"focal":true,"coverage":{"reference":"Coverage/{{{patient}}}-cov"}}],
         "item":[{"sequence":1,"productOrService":{"coding":[{"system":"http://www.ama-assn.org/go/cpt","code":"99213"}]},"servicedDate":"2026-01-02","encounter":[{"reference":"Encounter/{{{patient}}}-visit"}],"net":{"value":9000,"currency":"USD"}}],"total":{"value":9000,"currency":"USD"}}
        """);

    public static string Question(string patient, string id) => new JsonObject
    {
        ["resourceType"] = "CoverageEligibilityRequest",
        ["id"] = id,
        ["status"] = "active",
        ["purpose"] = new JsonArray("benefits"),
        ["patient"] = new JsonObject { ["reference"] = $"Patient/{patient}" },
        ["created"] = "2026-01-02",
        ["insurer"] = new JsonObject { ["reference"] = "Organization/payer" },
        ["provider"] = new JsonObject { ["reference"] = "Organization/practice" },
        ["insurance"] = new JsonArray(new JsonObject { ["focal"] = true, ["coverage"] = new JsonObject { ["reference"] = $"Coverage/{patient}-cov" } }),
    }.ToJsonString();

    private async Task StoreAsync(string address, string json)
    {
        var reply = await PutAsync(address, json);
        Assert.True(reply.Status == 201, $"{address}: {reply.Body}");
    }
}

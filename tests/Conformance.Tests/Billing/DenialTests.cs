using System.Text.Json.Nodes;
using FhirEmr.Conformance.Tests.Hosting;
using FhirEmr.FhirServer.Billing;
using FhirEmr.FhirServer.Demo;
using Microsoft.Extensions.DependencyInjection;

namespace FhirEmr.Conformance.Tests.Billing;

/// <summary>A denial from the payer's answer to the appeal packet, over HTTP.</summary>
public sealed class DenialTests(SqliteBilling server) : OnServer(server), IClassFixture<SqliteBilling>
{
    private const string None = """{"resourceType":"Parameters"}""";

    [Fact]
    public async Task A_denial_is_found_assigned_and_appealed_and_its_papers_are_written()
    {
        foreach (var encounter in DemoPerson.All.Where(p => p.Number is 8 or 11).SelectMany(p => p.Visits.Select((_, i) => p.EncounterId(i + 1))).Where(e => e != BillingServer.OpenEncounter))
            Assert.Equal(200, (await server.ClaimAsync(encounter)).Status);
        await Server.Services.GetRequiredService<BillingCycle>().RunAsync(TestContext.Current.CancellationToken);

        var next = await Server.GetAsync("Task/$work-next");
        Assert.True(next.Status == 200, next.Body);
        var task = Part(next, "task")!["resource"]!;
        var id = task["id"]!.GetValue<string>();
        Assert.Contains("denied", task["description"]!.GetValue<string>(), StringComparison.Ordinal);
        Assert.NotNull(Part(next, "nextStep"));

        var patterns = await Server.GetAsync("Task/$denial-patterns");
        Assert.True(patterns.Status == 200, patterns.Body);
        Assert.Contains("CARC", patterns.Body, StringComparison.Ordinal);

        var assigned = await Server.PostAsync($"Task/{id}/$assign?group=billers&note=please", None);
        Assert.True(assigned.Status == 200, assigned.Body);
        Assert.Equal(422, (await Server.PostAsync($"Task/{id}/$assign?group=nobody", None)).Status);
        Assert.Equal(422, (await Server.PostAsync($"Task/{id}/$resolve?outcome=upheld", None)).Status);

        var appeal = await Server.PostAsync($"Task/{id}/$appeal?basis=The%20record%20shows%20the%20need.", None);
        Assert.True(appeal.Status == 200, appeal.Body);
        Assert.Equal("appeal", appeal.Json["code"]!["coding"]![0]!["code"]!.GetValue<string>());
        Assert.Equal(appeal.Id, (await Server.PostAsync($"Task/{id}/$appeal", None)).Id);
        var claim = task["focus"]!["reference"]!.GetValue<string>();
        Assert.Contains("\"valueCode\":\"appealed\"", (await Server.GetAsync(claim)).Body, StringComparison.Ordinal);

        await PapersAsync($"Task/{appeal.Id}/$appeal-packet", "The record shows the need.");
        await PapersAsync($"{claim}/$cms1500", "Box 24");
        await PapersAsync($"{task["for"]!["reference"]!.GetValue<string>()}/$statement", "Your visits, line by line");
        await PapersAsync($"{(await Server.GetAsync(claim)).Json["item"]![0]!["encounter"]![0]!["reference"]!.GetValue<string>()}/$superbill", "Services and charges");
        Assert.Equal(422, (await Server.GetAsync($"Task/{id}/$appeal-packet")).Status);
        Assert.Equal(404, (await Server.GetAsync("Patient/none/$statement")).Status);
    }

    /// <summary>PDF and HTML when asked so, a Binary otherwise, and nothing else.</summary>
    private async Task PapersAsync(string path, string words)
    {
        var pdf = await Server.GetAsync(path, ("Accept", "application/pdf"));
        Assert.True(pdf.Status == 200, pdf.Body);
        Assert.Equal("application/pdf", pdf.MediaType);
        Assert.StartsWith("%PDF-", pdf.Body, StringComparison.Ordinal);

        var html = await Server.GetAsync($"{path}?_format=html");
        Assert.Equal((200, "text/html"), (html.Status, html.MediaType));
        Assert.Contains(words, html.Body, StringComparison.Ordinal);

        var binary = await Server.GetAsync(path);
        Assert.Equal(("Binary", "application/pdf"), (binary.Json["resourceType"]!.GetValue<string>(), binary.Json["contentType"]!.GetValue<string>()));
        Assert.Equal(406, (await Server.GetAsync(path, ("Accept", "image/png"))).Status);
    }

    private static JsonNode? Part(Reply reply, string name) => reply.Json["parameter"]!.AsArray().FirstOrDefault(p => p!["name"]!.GetValue<string>() == name);
}

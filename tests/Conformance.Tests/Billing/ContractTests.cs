using FhirEmr.Conformance.Tests.Hosting;
using FhirEmr.FhirServer.Billing;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;

namespace FhirEmr.Conformance.Tests.Billing;

/// <summary>A practice with contracts: what payers allow less is work, and a figure.</summary>
public sealed class ContractTests(ContractBilling fixture) : OnServer(fixture), IClassFixture<ContractBilling>
{
    [Fact]
    public async Task What_a_payer_allowed_below_its_contract_is_the_same_sum_on_the_worklist_and_in_UNDERPAY()
    {
        Assert.Empty((await ((ContractBilling)Server).ClaimAsync("demo-encounter-02-1")).HeldBy()); // a yearly exam
        await Server.Services.GetRequiredService<BillingCycle>().RunAsync(TestContext.Current.CancellationToken);

        var task = Assert.Single((await Server.GetAsync("Task?code=urn:fhiremr:task|underpayment")).Json["entry"]!.AsArray())!["resource"]!;
        var atStake = task["input"]!.AsArray().Select(i => i!["valueMoney"]?["value"]?.GetValue<decimal>()).First(v => v is not null)!.Value;
        Assert.True(atStake > 1m);

        var kpi = (await Server.GetAsync("$kpi?start=2020-01-01&id=UNDERPAY")).Json["parameter"]!.AsArray().Single(p => p!["name"]!.GetValue<string>() == "kpi")!["part"]!.AsArray();
        Assert.Equal((atStake, 1m), (Number("numerator"), Number("denominator")));

        decimal Number(string name) => kpi.Single(p => p!["name"]!.GetValue<string>() == name)!["valueDecimal"]!.GetValue<decimal>();
    }
}

/// <summary>Bay Harbor has agreed to allow the whole charge of any visit.</summary>
public sealed class ContractBilling() : BillingServer(null)
{
    protected override void Configure(WebApplicationBuilder builder)
    {
        base.Configure(builder);
        var tables = Directory.CreateDirectory(Path.Combine(builder.Configuration["Storage:DataFolder"]!, "tables")).FullName;
        File.WriteAllText(Path.Combine(tables, "contracts.csv"), "code,payer,modifier,allowed\n" + string.Concat(Enumerable.Range(99202, 196).Select(code => $"{code},DEMOBAYHH,,1000.00\n")));
        builder.Services.Configure<BillingOptions>(options => options.TablesFolder = tables);
    }
}

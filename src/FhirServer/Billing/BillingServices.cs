using System.ComponentModel.DataAnnotations;
using FhirEmr.BillingBridge;
using FhirEmr.BillingBridge.Channels;
using FhirEmr.BillingBridge.Interchange;
using FhirEmr.BillingBridge.Kpis;
using FhirEmr.BillingBridge.MockPayer;
using FhirEmr.BillingBridge.Ports;
using FhirEmr.BillingBridge.Scrubbing.Edits;
using FhirEmr.FhirServer.Billing.Kpis;
using FhirEmr.FhirServer.Demo;
using FhirEmr.FhirServer.Interactions.Writing;
using FhirEmr.FhirServer.Storage;
using FhirEmr.Terminology;
using Microsoft.Extensions.Options;

namespace FhirEmr.FhirServer.Billing;

/// <summary>The billing bridge joined to this server's records.</summary>
internal static class BillingServices
{
    public static void AddBilling(this IServiceCollection services, IConfiguration configuration)
    {
        services.AddOptions<BillingOptions>().Bind(configuration.GetSection("Billing"));
        services.AddSingleton(Setup);
        services.AddSingleton<IWriteDoor, ClaimDoor>();
        services.AddSingleton(sp => new ClaimPipeline(
            sp.GetRequiredService<IFhirRecords>(), sp.GetRequiredService<ITerminology>(), sp.GetRequiredService<BillingSetup>(), sp.GetRequiredService<TimeProvider>()));
        services.AddSingleton(sp => new VisitLevelPipeline(sp.GetRequiredService<IFhirRecords>(), sp.GetRequiredService<ITerminology>(), sp.GetRequiredService<BillingSetup>()));
        services.AddSingleton<BillingOperations>();
        // A claim whose money is in no journal is counted by its submission and its payers' answers.
        services.AddSingleton(sp => new KpiReader(journal: _ => null, sp.GetRequiredService<BillingSetup>().Zone));
        services.AddSingleton(sp => KpiLookups.Of(sp.GetRequiredService<TerminologyService>(), sp.GetRequiredService<IOptions<BillingOptions>>().Value.RiskTablesFolder));
        services.AddSingleton<KpiKeeper>();
        services.AddSingleton<KpiOperations>();
        services.AddSingleton<BillingCursor>();
        services.AddSingleton<EncounterWatch>();
        services.AddSingleton(sp => Cycle(sp, sp.GetRequiredService<IOptions<BillingOptions>>().Value, script: null));
    }

    /// <summary>The edit tables that were imported with the code sets, the practice's own, and who sends: what the rules decide by.</summary>
    private static BillingSetup Setup(IServiceProvider services)
    {
        var options = services.GetRequiredService<IOptions<BillingOptions>>().Value;
        var edits = new EditTables { Imported = services.GetService<TerminologyService>()?.Fees };
        if (options.TablesFolder.Length > 0)
        {
            var (tables, unknown) = EditFolder.Read(options.TablesFolder);
            edits = edits with { Tables = tables };
            if (unknown.Count > 0)
                services.GetRequiredService<ILoggerFactory>().CreateLogger("FhirEmr.Billing").LogWarning("No scrub rule looks for {Files} in {Folder}.", string.Join(", ", unknown), options.TablesFolder);
        }

        return new BillingSetup { Edits = edits, Interchange = options.ChannelFolder.Length > 0 ? options.Interchange : null };
    }

    /// <summary>The demo's billing: a mock channel in the demo's own folder, the mock payer behind it, patient timely-filing limits.</summary>
    public static void AddDemoBilling(this IServiceCollection services)
    {
        services.PostConfigure<BillingOptions>(options =>
        {
            options.ChannelIsLive = false;
            options.Interchange = new InterchangeOptions
            {
                SenderId = "FHIREMRDEMO",
                SubmitterName = "FHIREMR DEMO PRACTICE",
                ReceiverId = "MOCKPAYER",
                ReceiverName = "MOCK PAYER",
                ContactName = "BILLING OFFICE",
                ContactPhone = "5085550100",
                UsesDemoProcedures = true,
            };
        });
        services.AddSingleton<BillingCycle>(sp =>
        {
            var options = sp.GetRequiredService<IOptions<BillingOptions>>().Value;
            options.ChannelFolder = Path.Combine(sp.GetRequiredService<IOptions<StorageOptions>>().Value.DataFolder, "mock-payer");
            return Cycle(sp, options, new MockScript { Choose = DemoScenarios.Choose });
        });
    }

    private static BillingCycle Cycle(IServiceProvider services, BillingOptions options, MockScript? script)
    {
        if (options.ChannelFolder.Length == 0)
            return new BillingCycle(null, null, null);

        var faults = new List<ValidationResult>();
        if (!Validator.TryValidateObject(options.Interchange, new ValidationContext(options.Interchange), faults, validateAllProperties: true))
            throw new OptionsValidationException("Billing:Interchange", typeof(InterchangeOptions),
                faults.Select(f => $"Billing:Interchange is not complete, so claims cannot be sent: {f.ErrorMessage}"));

        var (records, clock) = (services.GetRequiredService<IFhirRecords>(), services.GetRequiredService<TimeProvider>());
        var channel = new FolderChannel(options.ChannelFolder, options.ChannelIsLive ? ChannelKind.Live : ChannelKind.Mock);
        var submission = new SubmissionPipeline(records, channel, options.Interchange, clock);
        var inbound = new InboundPipeline(channel, submission, new RemittancePipeline(records, clock));
        return new BillingCycle(submission, inbound, script is null ? null : new ScriptedPayer(channel, script, clock));
    }
}

/// <summary>What the mock payer does with the demo's members: the last two digits of the member id decide.</summary>
internal static class DemoScenarios
{
    public static MockScenario? Choose(string memberId) => MemberScenarios.Of(memberId) switch
    {
        MemberScenario.PatientShare => MockScenario.Coinsurance,
        MemberScenario.PartiallyDenied => MockScenario.PartialDenial,
        MemberScenario.Denied => MockScenario.DeniedAuth,
        MemberScenario.Pended => MockScenario.Pended,
        MemberScenario.Rejected => MockScenario.Reject277,
        _ => MockScenario.PaidInFull,
    };
}

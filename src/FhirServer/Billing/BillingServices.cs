using FhirEmr.BillingBridge;
using FhirEmr.BillingBridge.Channels;
using FhirEmr.BillingBridge.Charges;
using FhirEmr.BillingBridge.Interchange;
using FhirEmr.BillingBridge.Kpis;
using FhirEmr.BillingBridge.Ledger;
using FhirEmr.BillingBridge.MockPayer;
using FhirEmr.BillingBridge.Ports;
using FhirEmr.BillingBridge.Remittance;
using FhirEmr.BillingBridge.Scrubbing;
using FhirEmr.BillingBridge.Scrubbing.Edits;
using FhirEmr.FhirServer.Billing.Kpis;
using FhirEmr.FhirServer.Demo;
using FhirEmr.FhirServer.Interactions.Writing;
using FhirEmr.FhirServer.Security.Outbound;
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
        services.AddSingleton<IWriteDoor, JournalDoor>();
        services.AddSingleton(sp => sp.GetRequiredService<BillingSetup>().Edits.Contracts());
        services.AddSingleton(sp => new RemittancePipeline(
            sp.GetRequiredService<IFhirRecords>(), sp.GetRequiredService<TimeProvider>(),
            contracts: sp.GetRequiredService<ContractRates>(), payers: sp.GetRequiredService<BillingSetup>().Payers));
        services.AddSingleton(sp => new SelfPayPipeline(sp.GetRequiredService<IFhirRecords>(), sp.GetRequiredService<TimeProvider>()));
        services.AddSingleton(sp => new PaymentReversals(sp.GetRequiredService<IFhirRecords>(), sp.GetRequiredService<TimeProvider>()));
        services.AddSingleton(sp => new PaymentPlans(sp.GetRequiredService<IFhirRecords>(), sp.GetRequiredService<TimeProvider>()));
        services.AddSingleton<MoneyOperations>();
        services.AddSingleton(sp => new ClaimPipeline(
            sp.GetRequiredService<IFhirRecords>(), sp.GetRequiredService<ITerminology>(), sp.GetRequiredService<BillingSetup>(), sp.GetRequiredService<TimeProvider>()));
        services.AddSingleton(sp => new VisitLevelPipeline(sp.GetRequiredService<IFhirRecords>(), sp.GetRequiredService<ITerminology>(), sp.GetRequiredService<BillingSetup>()));
        services.AddSingleton(sp => new SecondaryClaimPipeline(
            sp.GetRequiredService<IFhirRecords>(), sp.GetRequiredService<ClaimPipeline>(), sp.GetRequiredService<BillingSetup>(), sp.GetRequiredService<TimeProvider>()));
        services.AddSingleton(sp => new ReplacementPipeline(
            sp.GetRequiredService<IFhirRecords>(), sp.GetRequiredService<ClaimPipeline>(), sp.GetRequiredService<BillingSetup>(), sp.GetRequiredService<TimeProvider>()));
        services.AddSingleton(sp => new FoundInsurancePipeline(sp.GetRequiredService<IFhirRecords>(), sp.GetRequiredService<ClaimPipeline>(), sp.GetRequiredService<TimeProvider>()));
        services.AddSingleton<BillingOperations>();
        services.AddSingleton(sp => new DenialPipeline(sp.GetRequiredService<IFhirRecords>(), sp.GetRequiredService<BillingSetup>(), sp.GetRequiredService<TimeProvider>()));
        services.AddSingleton(sp => new PaperPipeline(
            sp.GetRequiredService<IFhirRecords>(), sp.GetRequiredService<ITerminology>(), sp.GetRequiredService<BillingSetup>(), sp.GetRequiredService<TimeProvider>(),
            new Journal(sp.GetRequiredService<IFhirRecords>()).OfPatientAsync));
        services.AddSingleton<DenialOperations>();
        services.AddSingleton<PaperOperations>();
        // A claim whose money is in no journal is counted by its submission and its payers' answers.
        services.AddSingleton(sp => new KpiReader(JournalBasic.Find, sp.GetRequiredService<BillingSetup>().Zone));
        services.AddSingleton(sp => KpiLookups.Of(sp.GetRequiredService<TerminologyService>(), sp.GetRequiredService<ContractRates>(), sp.GetRequiredService<IOptions<BillingOptions>>().Value.RiskTablesFolder));
        services.AddSingleton<KpiKeeper>();
        services.AddSingleton<SpecialtyTables>();
        services.AddSingleton<KpiOperations>();
        services.AddSingleton<ClaimOperations>();
        services.AddSingleton(sp => new AuthorisationOperations(
            sp.GetRequiredService<BillingCycle>().Authorisations, sp.GetRequiredService<IFhirRecords>(), sp.GetRequiredService<IResourceStore>()));
        services.AddSingleton(sp => new EligibilityPipeline(
            sp.GetRequiredService<IFhirRecords>(), sp.GetRequiredService<IOptions<BillingOptions>>().Value.Interchange, sp.GetRequiredService<TimeProvider>()));
        services.AddSingleton(sp => new ClaimStatusPipeline(
            sp.GetRequiredService<IFhirRecords>(), sp.GetRequiredService<IOptions<BillingOptions>>().Value.Interchange, sp.GetRequiredService<TimeProvider>()));
        services.AddSingleton(sp => new EligibilityCheck(
            sp.GetRequiredService<IFhirRecords>(), sp.GetRequiredService<EligibilityPipeline>(), ct => sp.GetRequiredService<BillingCycle>().ExchangeAsync(ct), sp.GetRequiredService<TimeProvider>()));
        services.AddSingleton(sp => new ClaimStatusCheck(
            sp.GetRequiredService<IFhirRecords>(), sp.GetRequiredService<ClaimStatusPipeline>(), ct => sp.GetRequiredService<BillingCycle>().ExchangeAsync(ct), sp.GetRequiredService<TimeProvider>()));
        services.AddSingleton(sp => new EstimatePipeline(sp.GetRequiredService<IFhirRecords>(), sp.GetRequiredService<EligibilityCheck>(), sp.GetRequiredService<BillingSetup>().Payers));
        services.AddSingleton<EligibilityOperations>();
        services.AddSingleton<NightlyBilling>();
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

        return new BillingSetup { Edits = edits, Payers = Payers(options, services), Interchange = options.HasChannel ? options.Interchange : null };
    }

    /// <summary>The practice's payer rows, beside its tables; the built-in rows of the families where it has none.</summary>
    private static PayerDirectory Payers(BillingOptions options, IServiceProvider services)
    {
        var path = Path.Combine(options.TablesFolder, PayerFile.Name);
        if (options.TablesFolder.Length == 0 || !File.Exists(path))
            return new PayerDirectory();
        var (rows, faults) = PayerFile.Read(File.ReadAllText(path), services.GetRequiredService<ITerminology>());
        return faults.Count > 0 ? throw new OptionsValidationException("Billing", typeof(BillingOptions), faults) : new PayerDirectory(rows);
    }

    /// <summary>The demo's billing: a mock channel in the demo's own folder, the mock payer behind it, patient timely-filing limits.</summary>
    public static void AddDemoBilling(this IServiceCollection services)
    {
        services.AddOptions<BillingOptions>().PostConfigure<IOptions<StorageOptions>>((options, storage) =>
        {
            options.ChannelFolder = Path.Combine(storage.Value.DataFolder, "mock-payer");
            options.ChannelIsLive = false;
            options.Interchange = new InterchangeOptions
            {
                Partners = options.Interchange.Partners,
                SenderId = "FHIREMRDEMO",
                SubmitterName = "FHIREMR DEMO PRACTICE",
                ReceiverId = "MOCKPAYER",
                ReceiverName = "MOCK PAYER",
                ContactName = "BILLING OFFICE",
                ContactPhone = "5085550100",
                UsesDemoProcedures = true,
            };
        });
        services.AddSingleton<BillingCycle>(sp => Cycle(sp, sp.GetRequiredService<IOptions<BillingOptions>>().Value, new MockScript { Choose = DemoScenarios.Choose }));
    }

    private static BillingCycle Cycle(IServiceProvider services, BillingOptions options, MockScript? script)
    {
        if (options.Faults() is { Count: > 0 } faults)
            throw new OptionsValidationException("Billing", typeof(BillingOptions), faults);
        if (!options.HasChannel)
            return new BillingCycle(null, null, null) { SelfPay = services.GetRequiredService<SelfPayPipeline>(), Secondary = services.GetRequiredService<SecondaryClaimPipeline>(), Replacements = services.GetRequiredService<ReplacementPipeline>() };

        var (records, clock) = (services.GetRequiredService<IFhirRecords>(), services.GetRequiredService<TimeProvider>());
        var policy = new DeliveryPolicy(clock);
        var way = Channel(services, options, clock);
        var channel = new RestedChannel(way, policy);
        var submission = new SubmissionPipeline(records, channel, options.Interchange, clock, policy);
        var authorisations = new AuthorisationPipeline(records, options.Interchange, clock);
        var inbound = new InboundPipeline(
            channel, submission, services.GetRequiredService<RemittancePipeline>(), services.GetRequiredService<EligibilityPipeline>(), new ClaimImportPipeline(records, clock))
        {
            Authorisations = authorisations,
        };
        var payer = script is not null && way is FolderChannel folder ? new ScriptedPayer(folder, script, clock) : null;
        return new BillingCycle(submission, inbound, payer, channel, services.GetRequiredService<ILogger<BillingCycle>>())
        {
            SelfPay = services.GetRequiredService<SelfPayPipeline>(),
            Secondary = services.GetRequiredService<SecondaryClaimPipeline>(),
            Replacements = services.GetRequiredService<ReplacementPipeline>(),
            Authorisations = authorisations,
        };
    }

    private static IPayerChannel Channel(IServiceProvider services, BillingOptions options, TimeProvider clock)
    {
        var kind = options.ChannelIsLive ? ChannelKind.Live : ChannelKind.Mock;
        var folder = options.ChannelFolder.Length > 0 ? options.ChannelFolder : Path.Combine(services.GetRequiredService<IOptions<StorageOptions>>().Value.DataFolder, "payer-channel");
        return options.Channel.Kind switch
        {
            PayerChannelKind.Sftp => new SftpChannel(options.Channel.Sftp, folder, kind),
            PayerChannelKind.Https => new HttpsChannel(
                options.Channel.Https, folder, kind, options.Interchange.SenderId, options.Interchange.ReceiverId, GuardedHandler.Create(services.GetRequiredService<OutboundOptions>()), clock),
            _ => new FolderChannel(folder, kind),
        };
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

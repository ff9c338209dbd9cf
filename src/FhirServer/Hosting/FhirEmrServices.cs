using FhirEmr.BillingBridge.Ports;
using FhirEmr.FhirServer.Billing;
using FhirEmr.FhirServer.Billing.Kpis;
using FhirEmr.FhirServer.Hosting.Admin;
using FhirEmr.FhirServer.Hosting.CdsHooks;
using FhirEmr.FhirServer.Hosting.Edge;
using FhirEmr.FhirServer.Hosting.Jobs;
using FhirEmr.FhirServer.Hosting.Mail;
using FhirEmr.FhirServer.Hosting.Smart;
using FhirEmr.FhirServer.Imports;
using FhirEmr.FhirServer.Interactions;
using FhirEmr.FhirServer.Interactions.Auditing;
using FhirEmr.FhirServer.Interactions.Binaries;
using FhirEmr.FhirServer.Interactions.Instance;
using FhirEmr.FhirServer.Interactions.Jobs;
using FhirEmr.FhirServer.Interactions.Past;
using FhirEmr.FhirServer.Interactions.System;
using FhirEmr.FhirServer.Interactions.Type;
using FhirEmr.FhirServer.Interactions.Writing;
using FhirEmr.FhirServer.Operations;
using FhirEmr.FhirServer.Operations.Auditing;
using FhirEmr.FhirServer.Operations.Documents;
using FhirEmr.FhirServer.Operations.Everything;
using FhirEmr.FhirServer.Operations.Export;
using FhirEmr.FhirServer.Operations.Groups;
using FhirEmr.FhirServer.Operations.Import;
using FhirEmr.FhirServer.Operations.Evidence;
using FhirEmr.FhirServer.Operations.Explaining;
using FhirEmr.FhirServer.Operations.GraphQl;
using FhirEmr.FhirServer.Operations.Integrity;
using FhirEmr.FhirServer.Operations.Matching;
using FhirEmr.FhirServer.Operations.Meta;
using FhirEmr.FhirServer.Operations.Observations;
using FhirEmr.FhirServer.Operations.Reindexing;
using FhirEmr.FhirServer.Operations.Terminology;
using FhirEmr.FhirServer.Operations.Validation;
using FhirEmr.FhirServer.Resources;
using FhirEmr.FhirServer.Search.Concepts;
using FhirEmr.FhirServer.Search.Indexing;
using FhirEmr.FhirServer.Search.Parameters;
using FhirEmr.FhirServer.Search.Query;
using FhirEmr.FhirServer.Security.Access;
using FhirEmr.FhirServer.Security.Access.Planning;
using FhirEmr.FhirServer.Security.Access.Roles;
using FhirEmr.FhirServer.Security.Accounts;
using FhirEmr.FhirServer.Security.Audit;
using FhirEmr.FhirServer.Security.Smart.Tokens;
using FhirEmr.FhirServer.Storage;
using FhirEmr.FhirServer.Storage.Bodies;
using FhirEmr.FhirServer.Storage.Explain;
using FhirEmr.FhirServer.Storage.Query;
using FhirEmr.FhirServer.Storage.Reindex;
using FhirEmr.FhirServer.Storage.Space;
using FhirEmr.FhirServer.Subscriptions;
using FhirEmr.Terminology;
using FhirEmr.Terminology.ValueSets;
using Microsoft.Extensions.Options;

namespace FhirEmr.FhirServer.Hosting;

/// <summary>Everything the program is made of, in one visible list. The same list serves the web host and the command line.</summary>
internal static class FhirEmrServices
{
    public static IServiceCollection AddFhirEmr(this IServiceCollection services, IConfiguration configuration)
    {
        services.AddOptions<StorageOptions>().Bind(configuration.GetSection("Storage"));
        services.AddOptions<ServerOptions>().Bind(configuration.GetSection("Server"));
        services.AddSingleton(TimeProvider.System);
        services.AddSingleton(PracticeZone.Read(configuration["Server:TimeZone"]));

        services.AddSingleton<ISecurityEvents, AccountsInAudit>();
        services.AddAccounts(configuration);

        // Storage and search
        services.AddSingleton(sp => ResourceStoreFactory.Create(
            sp.GetRequiredService<IOptions<StorageOptions>>().Value, sp.GetRequiredService<ILoggerFactory>(),
            sp.GetRequiredService<ReferenceReader>, (versions, known, ct) => sp.GetRequiredService<StoredRows>().OfAsync(versions, known, ct)));
        services.AddSingleton<StoredRows>();
        services.AddSingleton<IDiskProbe, DriveProbe>();
        services.AddSingleton<FreeSpace>();
        services.AddSingleton<ReferenceReader>();
        services.AddSingleton(BodyCodec.Shipped);
        services.AddSingleton(sp => new SearchParameters(
            sp.GetRequiredService<IResourceStore>().Symbols.ParameterNumber, sp.GetRequiredService<IResourceStore>().Symbols.FindParameter));
        services.AddSingleton(sp => new ResourceIndexer(sp.GetRequiredService<SearchParameters>(), sp.GetRequiredService<TimeZoneInfo>(),
            (param, fault) => sp.GetRequiredService<CustomParameterRegistry>().Fail(param, fault)));
        services.AddSingleton(OnTables<CustomParameterRegistry>);
        services.AddSingleton(sp => sp.GetRequiredService<CustomParameterRegistry>().Currency);
        services.AddSingleton<ICustomParameters>(sp => sp.GetRequiredService<CustomParameterRegistry>());
        services.AddSingleton<LocalAddress>(sp => new LocalAddress(
            sp.GetRequiredService<IOptions<ServerOptions>>().Value.BaseUrl is { Length: > 0 } url ? [url.TrimEnd('/')] : []));
        services.AddSingleton(sp => new PageTokens(label => sp.GetRequiredService<IResourceStore>().Symbols.Hash(label), sp.GetRequiredService<TimeProvider>()));
        services.AddSingleton<ReferenceLookup>();
        services.AddSingleton<IReferenceLookup>(sp => sp.GetRequiredService<ReferenceLookup>());
        services.AddSingleton<IDefinitions, StoredDefinitions>();
        services.AddSingleton<ConceptLookup>();
        services.AddSingleton(configuration.GetSection("Search").Get<SearchLimits>() ?? new SearchLimits());
        services.AddSingleton(sp => new SearchParser(
            sp.GetRequiredService<SearchParameters>(), sp.GetRequiredService<ResourceIndexer>(), sp.GetRequiredService<IResourceStore>().Symbols,
            sp.GetRequiredService<IReferenceLookup>(), sp.GetRequiredService<ConceptLookup>(), sp.GetRequiredService<TimeProvider>(), sp.GetRequiredService<TimeZoneInfo>(), sp.GetRequiredService<SearchLimits>(),
            sp.GetRequiredService<ICustomParameters>(), reference => sp.GetRequiredService<LocalAddress>().TryGetKey(reference, out var key) ? key : null));

        // Interactions
        services.AddSingleton(configuration.GetSection("Records").Get<RecordRules>() ?? new());
        services.AddSingleton<WriteClock>();
        services.AddSingleton<WriteRights>();
        services.AddSingleton<ResourceWriter>();
        services.AddSingleton<StoredEdit>();
        services.AddSingleton<DeleteImpact>();
        services.AddSingleton<IndexedAddress>();
        services.AddSingleton<Verification>();
        services.AddSingleton<Verify>();
        services.AddSingleton<Purging>();
        services.AddSingleton<Purge>();
        services.AddSingleton<ConditionResolver>();
        services.AddSingleton<ConditionalReferences>();
        services.AddSingleton<IPast, PastSearch>();
        services.AddSingleton<Read>();
        services.AddSingleton<Vread>();
        services.AddSingleton<Update>();
        services.AddSingleton<Patch>();
        services.AddSingleton<DeleteSeveral>();
        services.AddSingleton<Delete>();
        services.AddSingleton<Create>();
        services.AddSingleton<SearchType>();
        services.AddSingleton<History>();
        services.AddSingleton<PendingResources>();
        services.AddSingleton<Repeats>();
        services.AddSingleton<RequestJobs>();
        services.AddSingleton<JobCallers>();
        services.AddHostedService<JobWorker>();
        services.AddSingleton<JobSweep>();
        services.AddSingleton<AbandonedContent>();
        services.AddSingleton<TokenSweep>();
        services.AddSingleton<AuditVerification>();
        services.AddSingleton(sp => new Duties(
            sp.GetRequiredService<NightlyBilling>(), sp.GetRequiredService<AbandonedContent>(), sp.GetRequiredService<TokenSweep>(), sp.GetRequiredService<JobSweep>(),
            sp.GetRequiredService<AuditVerification>()));
        services.AddSingleton<DutyRunner>();
        services.AddSingleton<JobServer>();
        services.AddSingleton<JobDashboard>();
        services.AddSingleton<PageCallers>();
        services.AddSingleton<Administrators>();
        services.AddSingleton<TransactionEntries>();
        services.AddSingleton<Transaction>();
        services.AddSingleton<Batch>();
        services.AddSingleton<ContentStore>();
        services.AddSingleton<BinaryIntake>();
        services.AddSingleton<Capabilities>();
        services.AddSingleton<TerminologyStatement>();
        services.AddSingleton<FhirInteractions>();
        services.AddSingleton(sp => new Lazy<FhirInteractions>(sp.GetRequiredService<FhirInteractions>));
        services.AddSingleton(sp => new Lazy<OperationTable>(sp.GetRequiredService<OperationTable>));

        // Audit
        services.AddOptions<AuditOptions>().Bind(configuration.GetSection("Audit"));
        services.AddSingleton(sp => new AuditKeyFolder(sp.GetRequiredService<IOptions<StorageOptions>>().Value.DataFolder, sp.GetRequiredService<TimeProvider>()));
        services.AddSingleton<AuditJournal>();
        services.AddSingleton<AuditLog>();
        services.AddSingleton<AuditArchive>();
        services.AddSingleton<SecurityEvents>();
        services.AddSingleton<AuditVerifier>();
        services.AddSingleton<RefusalCap>();
        services.AddSingleton<Audited>();
        services.AddSingleton<AuditEvents>();
        services.AddSingleton<VerifyAudit>();
        services.AddSingleton<WhoAccessed>();

        // Operations that read
        services.AddSingleton<CompartmentParameters>();
        services.AddSingleton<Everything>();
        services.AddSingleton<ExportMembers>();
        services.AddSingleton<ExportSelector>();
        services.AddSingleton<ExportRun>();
        services.AddSingleton<ExportFileReader>();
        services.AddSingleton<ParquetFile>();
        services.AddSingleton<ExportWorker>();
        services.AddHostedService(sp => sp.GetRequiredService<ExportWorker>());
        services.AddSingleton<ExportOperation>();
        services.AddOptions<ImportOptions>().Bind(configuration.GetSection("Import"));
        services.AddSingleton<ImportSources>();
        services.AddSingleton<ImportStaging>();
        services.AddSingleton<ImportErrors>();
        services.AddSingleton<ImportRun>();
        services.AddSingleton<ImportEnd>();
        services.AddSingleton<ImportWorker>();
        services.AddHostedService(sp => sp.GetRequiredService<ImportWorker>());
        services.AddSingleton<ImportOperation>();
        services.AddSingleton<LastN>();
        services.AddSingleton<CandidateSearch>();
        services.AddSingleton<Match>();
        services.AddSingleton<ImportDoor>();
        services.AddSingleton<TableImports>();
        services.AddSingleton<ImportOperations>();
        services.AddSingleton<GraphQlSchema>();
        services.AddSingleton<GraphQl>();
        services.AddSingleton<Evidence>();

        // Clinical documents
        services.AddSingleton<RecordReader>();
        services.AddSingleton<OwnRoot>();
        services.AddSingleton<DocumentOperation>();
        services.AddSingleton<SummaryOperation>();
        services.AddSingleton<CcdWriting>();
        services.AddSingleton<CcdOperation>();
        services.AddSingleton<DocRefOperation>();
        services.AddSingleton<DocumentPatients>();
        services.AddSingleton<CcdaSourceReader>();
        services.AddSingleton<CcdaImport>();
        services.AddSingleton<ImportCcdaOperation>();

        services.AddValidation(configuration);

        // Terminology and billing
        services.AddSingleton(sp => new TerminologyService(
            Path.Combine(sp.GetRequiredService<IOptions<StorageOptions>>().Value.DataFolder, "terminology"), sp.GetRequiredService<TimeProvider>(),
            sp.GetService<ICanonicalSource>()));
        services.AddSingleton<ReleaseImports>();
        services.AddSingleton<ITerminology>(sp => sp.GetRequiredService<TerminologyService>());
        services.AddSingleton(sp => sp.GetRequiredService<TerminologyService>().ValueSets);
        services.AddTerminologyOperations();
        services.AddSingleton<MetaOperations>();
        services.AddSingleton<GroupMembers>();
        services.AddSingleton<IFhirRecords, InProcessFhirRecords>();
        services.AddBilling(configuration);
        services.AddSingleton<ISubscriptionMail, SubscriptionMail>();
        services.AddSingleton<ISubscriptionOwners, SubscriptionOwners>();
        services.AddSubscriptions(configuration, sp => (request, ct) => sp.GetRequiredService<FhirInteractions>().HandleAsync(request, ct));
        services.AddHl7V2(configuration);
        services.AddSingleton(sp => new OperationTable(
        [
            .. TerminologyOperations.List(sp),
            new("reindex", ReindexOperation.Definition, [], false, false, false, sp.GetRequiredService<ReindexOperation>().HandleAsync),
            new("reindex", ReindexOperation.Definition, ["SearchParameter"], false, true, false, sp.GetRequiredService<ReindexOperation>().HandleAsync),
            new("explain", ExplainOperation.Definition, [], false, false, false, sp.GetRequiredService<ExplainOperation>().HandleAsync),
            new("explain", ExplainOperation.Definition, ResourceTypes.All, true, false, false, sp.GetRequiredService<ExplainOperation>().HandleAsync),
            .. Validate.List(sp),
            .. VerifyAudit.List(sp),
            .. WhoAccessed.List(sp),
            new("verify", "urn:fhiremr:OperationDefinition:verify", [], false, false, false, sp.GetRequiredService<Verify>().HandleAsync),
            new("verify", "urn:fhiremr:OperationDefinition:verify", [.. ResourceTypes.All.Where(t => t != "AuditEvent")], true, true, false, sp.GetRequiredService<Verify>().HandleAsync),
            new("purge", "urn:fhiremr:OperationDefinition:purge", ResourceTypes.All, false, true, true, sp.GetRequiredService<Purge>().HandleAsync),
            new("delete-impact", "urn:fhiremr:OperationDefinition:delete-impact", ResourceTypes.All, false, true, false, sp.GetRequiredService<DeleteImpact>().HandleAsync),
            .. MetaOperations.List(sp),
            .. BillingOperations.List(sp),
            .. ClaimOperations.List(sp),
            .. AuthorisationOperations.List(sp),
            .. MoneyOperations.List(sp),
            .. DenialOperations.List(sp),
            .. PaperOperations.List(sp),
            .. KpiOperations.List(sp),
            .. EligibilityOperations.List(sp),
            .. Everything.List(sp),
            .. ExportOperation.List(sp),
            .. ImportOperation.List(sp),
            .. GroupMembers.List(sp),
            .. SubscriptionOperations.List(sp),
            .. LastN.List(sp),
            .. Match.List(sp),
            .. ImportOperations.List(sp),
            .. GraphQl.List(sp),
            .. Evidence.List(sp),
            .. DocumentOperation.List(sp),
            .. SummaryOperation.List(sp),
            .. CcdOperation.List(sp),
            .. DocRefOperation.List(sp),
            .. ImportCcdaOperation.List(sp),
            .. AccessServices.Operations(sp),
            .. Hl7V2Services.Operations(sp),
        ]));

        // Custom search parameters
        services.AddOptions<ReindexOptions>().Bind(configuration.GetSection("Search:Reindex"));
        services.AddSingleton(OnTables<ReindexStep>);
        services.AddSingleton(OnTables<RowSweep>);
        services.AddSingleton(OnTables<Reindexer>);
        services.AddSingleton(OnTables<ReindexOperation>);
        services.AddSingleton(OnTables<SearchExplainer>);
        services.AddSingleton<ExplainOperation>();

        // Who may what
        services.AddAccess(configuration);

        // HTTP
        services.AddMetrics();
        services.AddOptions<EdgeOptions>().Bind(configuration.GetSection("Limits"));
        services.AddSingleton<RequestGate>();
        services.AddSingleton<BodyReader>();
        services.AddSingleton<Admission>();
        services.AddSingleton<RateLimits>();
        services.AddSingleton<CountedCallers>();
        services.AddSingleton<UserTurns>();
        services.AddSingleton<AnswersInFlight>();
        services.AddSingleton<CrossOrigin>();
        services.AddSmartHosting(configuration);
        services.AddCdsHooks();
        services.AddOptions<MailOptions>().Bind(configuration.GetSection("Mail"));
        services.AddSingleton<Mailer>();
        services.AddSingleton<RequestLog>();
        services.AddSingleton<RefusalAudit>();
        services.AddSingleton<ReplyWriter>();
        services.AddSingleton<RawBinary>();
        services.AddSingleton<ServerAddress>();
        services.AddSingleton<FhirEndpoint>();
        services.AddSingleton<Hl7V2Endpoint>();
        return services;
    }

    /// <summary>Made with the store itself, for those that work on its own tables; it is registered, and disposed of, once.</summary>
    private static T OnTables<T>(IServiceProvider services) where T : class =>
        ActivatorUtilities.CreateInstance<T>(services, (ResourceStore)services.GetRequiredService<IResourceStore>());
}

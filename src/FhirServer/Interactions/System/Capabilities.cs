using FhirEmr.FhirServer.Interactions.Patching;
using FhirEmr.FhirServer.Interactions.Writing;
using FhirEmr.FhirServer.Operations;
using FhirEmr.FhirServer.Resources;
using FhirEmr.FhirServer.Rest;
using FhirEmr.FhirServer.Search.Parameters;
using FhirEmr.FhirServer.Security.Access;
using FhirEmr.FhirServer.Security.Smart.Discovery;
using FhirEmr.FhirServer.Storage.Reindex;
using FhirEmr.FhirServer.Validation.Definitions;
using Hl7.Fhir.Model;
using static Hl7.Fhir.Model.CapabilityStatement;

namespace FhirEmr.FhirServer.Interactions.System;

/// <summary>FHIR <c>capabilities</c>: what this server does, made from the tables it does it with.</summary>
/// <remarks>http.html#capabilities.</remarks>
internal sealed class Capabilities(SearchParameters parameters, RecordRules rules, Lazy<OperationTable> operations, IndexCurrency currency, SecurityStatement security, DefinitionStore definitions,
    TerminologyStatement terminology, TimeProvider clock, IEnumerable<ICapability> additions)
{
    private const string BulkData = "http://hl7.org/fhir/uv/bulkdata/CapabilityStatement/bulk-data";
    private const string UsCore = "http://hl7.org/fhir/us/core/CapabilityStatement/us-core-server";

    private readonly DateTimeOffset started = clock.GetUtcNow();
    private readonly global::System.Collections.Concurrent.ConcurrentDictionary<(string, IReadOnlyList<CustomParameter>, IReadOnlyList<PackageReport>), byte[]> statements = new();

    public Task<FhirReply> HandleAsync(FhirRequest request, CancellationToken ct)
    {
        if (request.Query.FirstOrDefault(p => p is { Key: "mode", Value: not ("full" or "normative" or "terminology") }).Value is { } mode)
            return Task.FromResult(FhirReply.Refuse(FhirFault.Of(FaultKind.Invalid, $"mode={mode} is none: it is full, normative or terminology.", code: "value")));
        if (request.Query.Any(p => p is { Key: "mode", Value: "terminology" }))
            return Task.FromResult(FhirReply.Of(terminology.Build(request.BaseUrl)));

        // Made anew while a custom parameter's progress is part of it, and once more whenever their list changes.
        if (statements.Count > 64)
            statements.Clear();
        var isMoving = !currency.IsCurrent || parameters.Custom.Any(c => c.State.Stage == IndexStage.Indexing);
        return Task.FromResult(new FhirReply(200)
        {
            Json = isMoving ? FhirFormats.ToJson(Build(request.BaseUrl)) : statements.GetOrAdd((request.BaseUrl, parameters.Custom, definitions.Packages), key => FhirFormats.ToJson(Build(key.Item1))),
        });
    }

    private CapabilityStatement Build(string baseUrl)
    {
        var statement = new CapabilityStatement
        {
            Status = PublicationStatus.Active,
            DateElement = new FhirDateTime(started),
            Kind = CapabilityStatementKind.Instance,
            FhirVersion = FHIRVersion.N4_0_1,
            Instantiates = IsUsCore() ? [BulkData, UsCore] : [BulkData],
            ImplementationGuide = [.. additions.Select(a => a.Guide).OfType<string>()],
            Format = ["json", "xml", FhirFormats.JsonMediaType, FhirFormats.XmlMediaType],
            PatchFormat = PatchDocument.Formats,
            Software = new() { Name = "FhirEmr", Version = typeof(Capabilities).Assembly.GetName().Version!.ToString(3) },
            Implementation = new() { Description = "FhirEmr, a FHIR-native EMR server" + (currency.Notice is { } notice ? $". {notice}" : ""), Url = baseUrl },
        };

        var rest = new RestComponent
        {
            Mode = RestfulCapabilityMode.Server,
            Security = security.Build(),
            Documentation = $"Bundles: at most {BundleLimits.MaxEntries} entries and {BundleLimits.MaxBytes / (1024 * 1024)} MiB. {(rules.RequireReferenceTargets ? "References to resources of this server must exist when they are written. " : "")}"
                + "Unknown search parameters are refused unless Prefer: handling=lenient. [base]?_type=A,B searches several types by the parameters they have in common; "
                + "[base]/Patient/1/Observation and [base]/Patient/1/* search in the compartment of a Patient, Encounter, Practitioner, RelatedPerson or Device. "
                + "_include brings the current version of what is referred to; what a page includes beyond 1000 resources comes with its next links. "
                + "_revinclude takes every reference parameter of every type; those listed are what US Core names. "
                + "_filter takes all operators of R4; _list takes ids of Lists and $current-problems, $current-medications, $current-allergies, $current-drug-allergies. "
                + $"PATCH takes {PatchDocument.MostOperations} operations at most, also as entries of Bundles. Idempotency-Key on POST and PATCH: a repeat within 48 hours gets the first answer. "
                + "_asOf=instant on a read shows the resource as it was then, and on a search or on $everything the record, as far as the caller may see it. "
                + "Prefer: respond-async on searches, Bundles and operations: 202 with the address of a job. "
                + Definitions(),
            Interaction =
            [
                new() { Code = SystemRestfulInteraction.Transaction },
                new() { Code = SystemRestfulInteraction.Batch },
                new()
                {
                    Code = SystemRestfulInteraction.HistorySystem,
                    Documentation = "Its first page has a link 'feed' to [base]/_history?_after=token: all versions that are committed from then on, oldest first in the order of commits, each once and none left out. "
                        + "Each of its pages, an empty one too, has a link 'next' to go on from, now or later. _after=0 begins with the first version.",
                },
                new() { Code = SystemRestfulInteraction.SearchSystem },
            ],
        };
        rest.Compartment = FhirTarget.CompartmentTypes.Select(t => $"http://hl7.org/fhir/CompartmentDefinition/{char.ToLowerInvariant(t[0])}{t[1..]}");
        var profiles = SupportedProfiles.Of(definitions);
        foreach (var type in ResourceTypes.All)
            rest.Resource.Add(Resource(type, profiles[type]));
        foreach (var operation in operations.Value.System)
            rest.Operation.Add(new() { Name = operation.Name, Definition = operation.Definition });
        statement.Rest.Add(rest);
        return statement;
    }

    /// <summary>
    /// Whether this server is one of US Core 6.1 just now. Searches and interactions always are; its profiles are known when its package is here, and R4's own that they build on.
    /// </summary>
    private bool IsUsCore() => IsUsCore(definitions.HasBase, definitions.Packages, operations.Value.OfType("DocumentReference").Select(o => o.Name));

    internal static bool IsUsCore(bool hasBase, IReadOnlyList<PackageReport> packages, IEnumerable<string> documentOperations) => hasBase
        && packages.Any(p => p is { Id: "hl7.fhir.us.core", Problems: [] } && DefinitionVersions.Fits(p.Version, "6.1")) && documentOperations.Contains("docref");

    /// <summary>Packages whose definitions are in use, and those they build on that are not here.</summary>
    private string Definitions()
    {
        var packages = definitions.Packages;
        var missing = PackageReport.Missing(packages).Select(m => m.Dependency).Distinct().ToArray();
        return packages.Count == 0 ? "Definitions: no packages; $validate checks structure, types and enumerated codes, and definitions stored here."
            : $"Definitions: {string.Join(", ", packages.Select(p => $"{p.Id}#{p.Version}"))}.{(missing.Length == 0 ? "" : $" Not here, and so unknown: {string.Join(", ", missing)}.")}";
    }

    private ResourceComponent Resource(string type, IEnumerable<string> profiles)
    {
        var isFound = type != AccessPlan.Binary; // a Binary is found through what refers to it, so nothing is decided by a search for one
        var isAudit = type == AuditRules.Type; // created and read, by PUT too; never changed
        var resource = new ResourceComponent
        {
            Type = type,
            SupportedProfile = profiles,
            SearchRevInclude = type is "Provenance" || !isFound ? [] : ["Provenance:target"],
            Versioning = ResourceVersionPolicy.Versioned,
            ReadHistory = true,
            UpdateCreate = true,
            ConditionalCreate = isFound,
            ConditionalRead = ConditionalReadStatus.FullSupport,
            ConditionalUpdate = isFound && !isAudit,
            ConditionalDelete = !isFound || isAudit ? ConditionalDeleteStatus.NotSupported : rules.MostConditionalDeletes > 1 ? ConditionalDeleteStatus.Multiple : ConditionalDeleteStatus.Single,
            ReferencePolicy = rules is { RequireReferenceTargets: true, OnDeleteReferenced: not OnDeleteReferenced.Ignore }
                ? [ReferenceHandlingPolicy.Literal, ReferenceHandlingPolicy.Enforced]
                : [ReferenceHandlingPolicy.Literal],
            Interaction =
            [
                .. new[]
                {
                    TypeRestfulInteraction.Read, TypeRestfulInteraction.Vread, TypeRestfulInteraction.Update, TypeRestfulInteraction.Patch, TypeRestfulInteraction.Delete,
                    TypeRestfulInteraction.HistoryInstance, TypeRestfulInteraction.HistoryType, TypeRestfulInteraction.Create, TypeRestfulInteraction.SearchType,
                }.Where(code => (isFound || code != TypeRestfulInteraction.SearchType)
                    && !(isAudit && code is (TypeRestfulInteraction.Update or TypeRestfulInteraction.Patch or TypeRestfulInteraction.Delete))).Select(code => new ResourceInteractionComponent { Code = code }),
            ],
        };

        foreach (var parameter in parameters.Of(type).Where(p => p.IsSupported && isFound))
        {
            resource.SearchParam.Add(new()
            {
                Name = parameter.Code,
                Type = parameter.Kind,
                Definition = parameter.Url.Length == 0 ? null : parameter.Url,
                Documentation = parameter.IsIndexed ? null : $"Being indexed, {parameter.Custom!.State.Percent} %: answered completely by reading resources; not yet for _sort, chains and _revinclude."
            });
            if (parameter.Kind == SearchParamType.Reference)
                resource.SearchIncludeElement.Add(new FhirString($"{type}:{parameter.Code}"));
        }

        foreach (var operation in operations.Value.OfType(type))
            resource.Operation.Add(new() { Name = operation.Name, Definition = operation.Definition });
        foreach (var addition in additions)
            addition.AddTo(resource);
        return resource;
    }
}

using FhirEmr.FhirServer.Rest;
using FhirEmr.Terminology;
using Hl7.Fhir.Model;

namespace FhirEmr.FhirServer.Interactions.System;

/// <summary><c>GET metadata?mode=terminology</c>: which code systems this server knows, in which versions, and what it can be asked of them.</summary>
/// <remarks>https://hl7.org/fhir/R4/terminologycapabilities.html. Made from what is loaded at the moment of asking.</remarks>
internal sealed class TerminologyStatement(TerminologyService terminology, TimeProvider clock)
{
    // As TerminologyCapabilities.expansion.parameter names them.
    private static readonly string[] Parameters =
        ["url", "valueSet", "valueSetVersion", "filter", "date", "offset", "count", "includeDesignations", "designation", "activeOnly", "excludeNested", "excludeNotForUI", "displayLanguage", "system-version", "check-system-version", "force-system-version"];

    public TerminologyCapabilities Build(string baseUrl)
    {
        var now = clock.GetUtcNow();
        var statement = new TerminologyCapabilities
        {
            Status = PublicationStatus.Active,
            DateElement = new FhirDateTime(now),
            Kind = CapabilityStatementKind.Instance,
            Software = new() { Name = "FhirEmr", Version = typeof(TerminologyStatement).Assembly.GetName().Version!.ToString(3) },
            Implementation = new() { Description = "FhirEmr terminology service", Url = baseUrl },
            CodeSearch = TerminologyCapabilities.CodeSearchSupport.All,
            Expansion = new()
            {
                Hierarchical = true,
                Paging = true,
                Parameter = [.. Parameters.Select(name => new TerminologyCapabilities.ParameterComponent { Name = name })],
                TextFilter = new("By words, each by its beginning and with typos forgiven, by synonyms and everyday abbreviations, or by the beginning of a code; best first."),
            },
            ValidateCode = new() { Translations = true },
            Translation = new() { NeedsMap = false },
            Closure = new() { Translation = false },
        };
        foreach (var system in terminology.Standing(DateOnly.FromDateTime(now.UtcDateTime)).Where(s => CodeSystemUrls.IsCodeSystem(s.Edition.System)).GroupBy(s => s.Edition.System))
            statement.CodeSystem.Add(new()
            {
                Uri = system.Key,
                Subsumption = true,
                Version = [.. system.Select(Version)],
            });
        foreach (var grammar in TerminologyService.Grammars)
            statement.CodeSystem.Add(new() { Uri = grammar, Subsumption = false });
        return statement;
    }

    private static TerminologyCapabilities.VersionComponent Version(EditionStanding standing)
    {
        var version = new TerminologyCapabilities.VersionComponent
        {
            Code = standing.Edition.IsComplete ? standing.Edition.Version : standing.Edition.Id,
            IsDefault = standing.State == EditionState.Current,
            Compositional = false,
            Property = ["parent", "child", "inactive", "notSelectable", "billable"],
        };
        // How fresh it is: what the program that reads this cannot know from a version alone.
        Add("freshness", new Code(standing.IsStale ? "stale" : standing.Edition.IsComplete ? standing.State.ToString().ToLowerInvariant() : "fragment"));
        if (standing.DaysToNext is { } days)
            Add("days-to-next-release", new Integer(days));
        return version;

        void Add(string name, DataType value) => version.Extension.Add(new("urn:fhiremr:StructureDefinition:edition-" + name, value));
    }
}

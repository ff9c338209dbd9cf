using System.Globalization;
using FhirEmr.FhirServer.Rest;
using FhirEmr.FhirServer.Storage;
using FhirEmr.Terminology;
using FhirEmr.Terminology.CodeSystems;
using FhirEmr.Terminology.Operations;

namespace FhirEmr.FhirServer.Operations.Terminology;

/// <summary><c>CodeSystem/$lookup</c>: what a code means, in the edition in force on <c>date</c> (default today) or in a <c>version</c>.</summary>
/// <remarks>https://hl7.org/fhir/R4/codesystem-operation-lookup.html. 404 when the code is not known on that date.</remarks>
internal sealed class Lookup(TerminologyService terminology, IResourceStore store, TimeProvider clock)
{
    public async Task<FhirReply> HandleAsync(FhirRequest request, CancellationToken ct)
    {
        var (input, fault) = TerminologyInput.Read(request, "system", "code", "coding", "version", "date", "property", "displayLanguage");
        if (fault is not null)
            return FhirReply.Refuse(fault);
        var (date, wrong) = input.Date(clock);
        if (wrong is not null)
            return FhirReply.Refuse(wrong);
        var (asked, gone) = await Asked.ReadAsync(store, request, ct);
        if (gone is not null)
            return FhirReply.Refuse(gone);
        if (input.Codings("system", "version") is not [var coding, ..] || (coding.System ?? asked.Url) is not { } system)
            return Asked.Missing("Say which code of which system: system=...&code=..., or a coding.", input.Warnings);

        var (answer, refusal) = terminology.CodeSystems.Lookup(system, coding.Version ?? input["version"] ?? asked.Version, coding.Code, date);
        return answer is null ? Asked.Refuse(refusal!, input.Warnings) : Answer(answer, [.. input.All("property")], input["displayLanguage"], input.Warnings);
    }

    private static FhirReply Answer(LookupAnswer found, HashSet<string> wanted, string? language, List<string> warnings)
    {
        var translated = language is null ? null : found.Designations.Where(d => d.Language?.StartsWith(language, StringComparison.OrdinalIgnoreCase) == true).Select(d => d.Value).FirstOrDefault();
        using var answer = new ParametersAnswer();
        answer.Add("name", found.Name).Add("version", found.Version).Add("display", translated ?? found.Display ?? found.Code).Add("definition", found.Definition);
        foreach (var designation in found.Designations)
        {
            if (wanted.Count == 0 || wanted.Contains("designation") || designation.Language is { } tag && wanted.Contains($"lang.{tag}"))
                answer.Parts("designation", part =>
                {
                    part.Add("language", designation.Language, "valueCode");
                    if (designation.Use is not null)
                        part.Coding("use", designation.UseSystem, null, designation.Use, null);
                    part.Add("value", designation.Value);
                });
        }

        foreach (var property in Properties(found))
        {
            if (wanted.Count == 0 || wanted.Contains("*") || wanted.Contains(property.Code))
                answer.Parts("property", part => part.Add("code", property.Code, "valueCode").Value("value", property.Type, property.Value, property.System).Add("description", property.Description));
        }

        warnings = found.Warning is null ? warnings : [.. warnings, found.Warning];
        return answer.Add("copyright", found.Copyright).Issues(warnings).ToReply();
    }

    private static IEnumerable<ConceptProperty> Properties(LookupAnswer found)
    {
        foreach (var property in found.Properties)
            yield return property;
        if (found.ValidFrom is { } from)
            yield return new("validFrom", "dateTime", from.ToString("O", CultureInfo.InvariantCulture));
        if (found.ValidTo is { } to)
            yield return new("validTo", "dateTime", to.ToString("O", CultureInfo.InvariantCulture));
        if (found.Edition is { } edition)
            yield return new("edition", "string", edition);
        yield return new("inactive", "boolean", found.IsInactive ? "true" : "false");
        if (found.IsAbstract)
            yield return new("notSelectable", "boolean", "true");
        foreach (var parent in found.Parents)
            yield return new("parent", "code", parent.Code) { Description = parent.Display };
        foreach (var child in found.Children)
            yield return new("child", "code", child.Code) { Description = child.Display };
    }
}

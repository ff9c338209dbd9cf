using FhirEmr.FhirServer.Resources;
using Hl7.Fhir.Model;

namespace FhirEmr.FhirServer.Documents.Ccda.Import;

/// <summary>Header and sections → Composition: every section with its words, and the resources that its statements became.</summary>
internal static class CompositionMapping
{
    public static Composition Build(Conversion c, IReadOnlyDictionary<CdaSection, List<ResourceKey>> entries)
    {
        var (root, values) = (c.Document.Root, c.Values);
        var composition = new Composition
        {
            Identifier = c.Document.Id is { } id ? CdaValues.Identifier(id) : null,
            Status = CompositionStatus.Final,
            Type = values.Concept(root.One("code")) ?? new("http://loinc.org", "34133-9", "Summary of episode note"),
            Subject = c.Patient,
            DateElement = values.Start(root.One("effectiveTime")) ?? new FhirDateTime("1900"),
            Title = root.One("title").Words() ?? "Clinical document",
            Confidentiality = root.One("confidentialityCode").Attr("code") switch
            {
                "R" => Composition.V3ConfidentialityClassification.R,
                "V" => Composition.V3ConfidentialityClassification.V,
                "N" => Composition.V3ConfidentialityClassification.N,
                _ => null,
            },
            Author = [.. root.Many("author").Select(a => c.Who(a.One("assignedAuthor"))).OfType<ResourceReference>()],
            Custodian = root.At("custodian", "assignedCustodian", "representedCustodianOrganization", "name").Words() is { } custodian ? new() { Display = custodian } : null,
        };
        if (composition.Author.Count == 0)
            composition.Author.Add(composition.Custodian ?? new() { Display = "Not named in the document" });
        foreach (var section in c.Document.Sections.Where(s => !IsNested(s)))
            if (Section(c, section, entries) is { } mapped)
                composition.Section.Add(mapped);
        return composition;
    }

    private static bool IsNested(CdaSection section) => section.Element.Parent?.Parent?.Name.LocalName == "section";

    private static Composition.SectionComponent? Section(Conversion c, CdaSection section, IReadOnlyDictionary<CdaSection, List<ResourceKey>> entries)
    {
        var mapped = new Composition.SectionComponent
        {
            Title = section.Title,
            Code = c.Values.Concept(section.Element.One("code")),
            Text = NarrativeText.ToXhtml(section.Element.One("text")) is { } html ? new(html) { Status = Hl7.Fhir.Model.Narrative.NarrativeStatus.Additional } : null,
            Entry = [.. entries.GetValueOrDefault(section, []).Distinct().Select(k => new ResourceReference(k.ToString()))],
        };
        foreach (var inner in section.Element.Many("component").Select(x => x.One("section")))
            if (c.Document.Sections.FirstOrDefault(s => s.Element == inner) is { } nested && Section(c, nested, entries) is { } below)
                mapped.Section.Add(below);
        if (section.Element.NullFlavor() is not null && mapped.Entry.Count == 0)
            mapped.EmptyReason = new("http://terminology.hl7.org/CodeSystem/list-empty-reason", "unavailable", "Unavailable");
        return mapped.Text is null && mapped.Entry.Count == 0 && mapped.Section.Count == 0 ? null : mapped; // cmp-1
    }
}

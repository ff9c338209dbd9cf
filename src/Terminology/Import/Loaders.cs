using FhirEmr.Terminology.Index;

namespace FhirEmr.Terminology.Import;

/// <summary>How each kind of release is read, in one visible list.</summary>
internal static class Loaders
{
    private const string PublicDomain = "Published by the US government; public domain.";
    private const string ContainsCpt = "Public table of CMS. The codes in it are CPT's, © American Medical Association.";

    public static Loader Of(ReleaseKind kind) => kind switch
    {
        ReleaseKind.Icd10Cm => new((texts, sink) => Icd10CmFile.Read(texts[0], sink), Hierarchy.Prefix) { Notice = PublicDomain },
        ReleaseKind.Icd10Pcs => new((texts, sink) => Icd10PcsFile.Read(texts[0], sink), Hierarchy.Prefix) { Notice = PublicDomain },
        ReleaseKind.Hcpcs => new((texts, sink) => HcpcsFile.Read(texts[0], sink)) { Notice = PublicDomain },
        ReleaseKind.Cpt => new((texts, sink) => CptFile.ReadCodes(texts[0], sink)) { Notice = "CPT © American Medical Association. For use under the practice's own licence." },
        ReleaseKind.CptModifiers => new((texts, sink) => CptFile.ReadModifiers(texts[0], sink)) { Notice = "CPT © American Medical Association. For use under the practice's own licence." },
        ReleaseKind.PlaceOfService => new((texts, sink) => CodeLists.PlaceOfService(texts[0], sink)) { Notice = PublicDomain },
        ReleaseKind.Carc or ReleaseKind.Rarc => new((texts, sink) => CodeLists.Reasons(texts[0], sink)) { Notice = "© X12. For use under the practice's own licence.", AllowsRepeats = true },
        ReleaseKind.ProviderTaxonomy => new((texts, sink) => CodeLists.Taxonomy(texts[0], sink)) { Notice = "© American Medical Association, kept by the National Uniform Claim Committee." },
        ReleaseKind.Cvx => new((texts, sink) => CvxFile.Read(texts[0], sink)) { Notice = PublicDomain },
        ReleaseKind.Loinc => new((texts, sink) => LoincFile.Read(texts[0], sink)) { Notice = "LOINC © Regenstrief Institute, Inc. and the LOINC Committee; used under the licence at http://loinc.org/license." },
        ReleaseKind.RxNorm => new((texts, sink) => RxNormFile.Read(texts[0], sink)) { Notice = "RxNorm, courtesy of the US National Library of Medicine." },
        ReleaseKind.Snomed => new(SnomedRelease.Read, Hierarchy.Listed)
        {
            Notice = "SNOMED CT © International Health Terminology Standards Development Organisation. For use under the practice's own affiliate licence.",
            FilesIn = SnomedRelease.FilesIn,
        },
        ReleaseKind.SnomedToIcd10Cm => new((texts, sink) => SnomedMapFile.Read(texts[0], sink)) { Notice = "SNOMED CT © International Health Terminology Standards Development Organisation. For use under the practice's own affiliate licence.", AllowsRepeats = true },
        ReleaseKind.NcciPtp => new((texts, sink) => NcciFiles.Pairs(texts[0], sink)) { Notice = ContainsCpt, AllowsRepeats = true },
        ReleaseKind.NcciMue => new((texts, sink) => NcciFiles.Units(texts[0], sink)) { Notice = ContainsCpt },
        ReleaseKind.NcciAddOns => new((texts, sink) => NcciFiles.AddOns(texts[0], sink)) { Notice = ContainsCpt, AllowsRepeats = true },
        ReleaseKind.FeeSchedule => new((texts, sink) => FeeFiles.Services(texts[0], sink)) { Notice = ContainsCpt },
        ReleaseKind.Gpci => new((texts, sink) => FeeFiles.Localities(texts[0], sink)) { Notice = PublicDomain },
        _ => throw new ArgumentOutOfRangeException(nameof(kind), kind, null),
    };
}

/// <summary>One way to read a release.</summary>
internal sealed record Loader(Action<IReadOnlyList<ReleaseText>, RowSink> Read, Hierarchy Hierarchy = Hierarchy.None)
{
    /// <summary>Licence or copyright line kept with the content unless the operator gives another.</summary>
    public string? Notice { get; init; }

    public bool IsComplete { get; init; } = true;

    /// <summary>A key may stand on several lines: with other dates, or as alternatives.</summary>
    public bool AllowsRepeats { get; init; }

    /// <summary>For a release that is a folder: its files, or what is missing in it.</summary>
    public Func<string, (IReadOnlyList<string> Files, string? Missing)>? FilesIn { get; init; }

    public bool IsFolder => FilesIn is not null;
}

using FhirEmr.Terminology.Import;

namespace FhirEmr.FhirServer.Hosting;

/// <summary>What the command line and <c>/admin/terminology</c> call the kinds of releases.</summary>
internal static class ReleaseNames
{
    public static readonly SortedDictionary<string, ReleaseKind> Kinds = new(StringComparer.OrdinalIgnoreCase)
    {
        ["icd10cm"] = ReleaseKind.Icd10Cm,
        ["icd10pcs"] = ReleaseKind.Icd10Pcs,
        ["hcpcs"] = ReleaseKind.Hcpcs,
        ["cpt"] = ReleaseKind.Cpt,
        ["cpt-modifiers"] = ReleaseKind.CptModifiers,
        ["pos"] = ReleaseKind.PlaceOfService,
        ["carc"] = ReleaseKind.Carc,
        ["rarc"] = ReleaseKind.Rarc,
        ["nucc"] = ReleaseKind.ProviderTaxonomy,
        ["cvx"] = ReleaseKind.Cvx,
        ["loinc"] = ReleaseKind.Loinc,
        ["rxnorm"] = ReleaseKind.RxNorm,
        ["snomed"] = ReleaseKind.Snomed,
        ["snomed-icd10cm"] = ReleaseKind.SnomedToIcd10Cm,
        ["ncci-ptp"] = ReleaseKind.NcciPtp,
        ["ncci-mue"] = ReleaseKind.NcciMue,
        ["ncci-add-ons"] = ReleaseKind.NcciAddOns,
        ["fees"] = ReleaseKind.FeeSchedule,
        ["gpci"] = ReleaseKind.Gpci,
    };
}

using System.Globalization;
using System.Text.RegularExpressions;
using FhirEmr.Terminology.Index;

namespace FhirEmr.Terminology.Import;

/// <summary>Editions of the releases that name themselves each in its own way.</summary>
internal static partial class OtherLabels
{
    private static readonly string[] MuePartNames = ["Practitioner", "Outpatient", "DME"];

    public static (ReleaseLabel? Label, string Problem) For(ReleaseKind kind, string path, ImportOptions options, (int Year, int? Month) dated)
    {
        var name = Path.GetFileName(path);
        return kind switch
        {
            ReleaseKind.Icd10Pcs => dated.Year == 0 ? (null, "The fiscal year is in neither the file name (icd10pcs_order_2026.txt) nor the options; give the version, e.g. 2026.")
                : (Codes("icd10pcs", CodeSystemUrls.Icd10Pcs, $"{dated.Year}", new(dated.Year - 1, 10, 1)) with { To = new(dated.Year, 9, 30) }, ""),
            ReleaseKind.PlaceOfService => (Loose("pos", CodeSystemUrls.PlaceOfService, name, options), ""),
            ReleaseKind.Carc => (Loose("carc", CodeSystemUrls.Carc, name, options), ""),
            ReleaseKind.Rarc => (Loose("rarc", CodeSystemUrls.Rarc, name, options), ""),
            ReleaseKind.Cvx => (Loose("cvx", CodeSystemUrls.Cvx, name, options), ""),
            ReleaseKind.ProviderTaxonomy => Taxonomy(options.Version ?? name),
            ReleaseKind.Loinc => Loinc(path, options),
            ReleaseKind.RxNorm => RxNorm(path, options),
            ReleaseKind.Snomed => Snomed(name, options),
            ReleaseKind.SnomedToIcd10Cm => (Loose("snomed-icd10cm", CodeSystemUrls.SnomedToIcd10Cm, name, options), ""),
            ReleaseKind.NcciPtp => NcciPairs(options.Version ?? name, name),
            ReleaseKind.NcciMue => Mue(name, options),
            ReleaseKind.NcciAddOns => AddOns(options.Version ?? name),
            ReleaseKind.FeeSchedule => Fees(name, dated),
            ReleaseKind.Gpci => dated.Year == 0 ? (null, "The year is in neither the file name (GPCI2026.csv) nor the options; give the version, e.g. 2026.")
                : (Codes("gpci", CodeSystemUrls.Gpci, $"{dated.Year}", new(dated.Year, 1, 1)) with { To = new(dated.Year, 12, 31) }, ""),
            _ => throw new ArgumentOutOfRangeException(nameof(kind), kind, null),
        };
    }

    private static (ReleaseLabel?, string) Fees(string name, (int Year, int? Month) dated)
    {
        if (dated is not ( > 0, { } month))
            return (null, "Year and month are in neither the file name (PPRRVU2026_Jul_nonQPP.csv) nor the options; give the version, e.g. 2026-07.");
        // Two conversion factors since 2026: those in an alternative payment model, and everybody else.
        var isQualifying = name.Contains("_QPP", StringComparison.OrdinalIgnoreCase);
        var label = Codes("fees", CodeSystemUrls.FeeSchedule, $"{dated.Year}-{month:00}", new(dated.Year, month, 1));
        return (label with { Part = isQualifying ? "QPP" : "nonQPP", Id = isQualifying ? label.Id + "-qpp" : label.Id, To = new(dated.Year, 12, 31) }, "");
    }

    private static ReleaseLabel Codes(string stem, string system, string version, DateOnly from) => new($"{stem}-{version}", system, "codes", version, EditionContent.Codes, from, null);

    /// <summary>Lists that are changed in place: a date in the name or the options tells them apart, and rows carry dates of their own.</summary>
    private static ReleaseLabel Loose(string stem, string system, string name, ImportOptions options)
    {
        var version = options.Version ?? (Date(name) is { } day ? day.ToString("yyyy-MM-dd", CultureInfo.InvariantCulture) : "1");
        return Codes(stem, system, version, DateOnly.MinValue);
    }

    // 251 is release 25.1: .0 counts from January, .1 from July.
    private static (ReleaseLabel?, string) Taxonomy(string text) => TaxonomyVersion().Match(text) is { Success: true } found
        ? (Codes("nucc", CodeSystemUrls.ProviderTaxonomy, $"{found.Groups[1].Value}.{found.Groups[2].Value}",
            new(2000 + int.Parse(found.Groups[1].Value, CultureInfo.InvariantCulture), found.Groups[2].Value == "0" ? 1 : 7, 1)), "")
        : (null, "The release is in neither the file name (nucc_taxonomy_251.csv) nor the options; give the version, e.g. 25.1.");

    private static (ReleaseLabel?, string) Loinc(string path, ImportOptions options)
    {
        var version = options.Version ?? LoincVersion().Match(Path.GetFullPath(path)).Groups[1].Value;
        return version.Length == 0 ? (null, "The release is in neither the path (Loinc_2.80/Loinc.csv) nor the options; give the version, e.g. 2.80.")
            : (Codes("loinc", CodeSystemUrls.Loinc, version, DateOnly.MinValue), "");
    }

    private static (ReleaseLabel?, string) RxNorm(string path, ImportOptions options)
    {
        // RxNorm_full_09022025: the publisher puts the month first.
        var found = MonthDayYear().Match(Path.GetFullPath(path));
        var version = options.Version ?? (found.Success ? $"{found.Groups[3].Value}-{found.Groups[1].Value}-{found.Groups[2].Value}" : "");
        return version.Length == 0 ? (null, "The release is in neither the path (RxNorm_full_09022025/rrf/RXNCONSO.RRF) nor the options; give the version, e.g. 2025-09-02.")
            : (Codes("rxnorm", CodeSystemUrls.RxNorm, version, DateOnly.MinValue), "");
    }

    private static (ReleaseLabel?, string) Snomed(string name, ImportOptions options)
    {
        if (SnomedName().Match(name) is not { Success: true } found)
            return (null, $"{name} says neither extension nor date, as in sct2_Concept_Snapshot_US1000124_20250901.txt.");
        var (module, date) = (found.Groups[1].Value == "US1000124" ? "731000124108" : "900000000000207008", found.Groups[2].Value);
        return (new($"snomed-{date}", CodeSystemUrls.Snomed, "codes", options.Version ?? $"{CodeSystemUrls.Snomed}/{module}/version/{date}", EditionContent.Codes, DateOnly.MinValue, null), "");
    }

    // ccipra-v322r0-f1: version 32.2 is the third quarter of 1994 + 32.
    private static (ReleaseLabel?, string) NcciPairs(string version, string name)
    {
        if (PairsVersion().Match(version) is not { Success: true } found)
            return (null, "The release is in neither the file name (ccipra-v322r0-f1.txt) nor the options; give the version, e.g. v322r0.");
        var from = new DateOnly(1994 + int.Parse(found.Groups[1].Value, CultureInfo.InvariantCulture), (int.Parse(found.Groups[2].Value, CultureInfo.InvariantCulture) * 3) + 1, 1);
        var part = PairsPart().Match(name) is { Success: true } named ? named.Groups[1].Value : "f1";
        return (new($"ncci-ptp-{found.Value}-{part}", CodeSystemUrls.NcciPtp, part, found.Value, EditionContent.Codes, from, null), "");
    }

    private static (ReleaseLabel?, string) Mue(string name, ImportOptions options)
    {
        DateOnly? effective = options.EffectiveFrom ?? (MueDate().Match(name) is { Success: true } found
            ? DateOnly.ParseExact(found.Groups[1].Value, "MM-dd-yyyy", CultureInfo.InvariantCulture) : null);
        if (effective is not { } from)
            return (null, "The first day is in neither the file name (MCR_MUE_PractitionerServices_Eff_07-01-2026.csv) nor the options; give it.");
        var part = MuePartNames.FirstOrDefault(p => name.Contains(p, StringComparison.OrdinalIgnoreCase))?.ToLowerInvariant() ?? "practitioner";
        var version = from.ToString("yyyy-MM-dd", CultureInfo.InvariantCulture);
        return (new($"ncci-mue-{part}-{version}", CodeSystemUrls.NcciMue, part, version, EditionContent.Codes, from, null), "");
    }

    private static (ReleaseLabel?, string) AddOns(string version) => Quarter().Match(version) is { Success: true } found
        ? (Codes("ncci-addons", CodeSystemUrls.NcciAddOns, $"{found.Groups[1].Value}-Q{found.Groups[2].Value}",
            new(int.Parse(found.Groups[1].Value, CultureInfo.InvariantCulture), (int.Parse(found.Groups[2].Value, CultureInfo.InvariantCulture) * 3) - 2, 1)), "")
        : (null, "The quarter is in neither the file name (AOC_V2026Q1-MCR.txt) nor the options; give the version, e.g. 2026Q1.");

    private static DateOnly? Date(string name) =>
        AnyDate().Match(name) is { Success: true } found && DateOnly.TryParseExact(found.Value.Replace("-", "", StringComparison.Ordinal), "yyyyMMdd", out var day) ? day : null;

    [GeneratedRegex(@"(\d\d)\.?([01])(?!\d)")]
    private static partial Regex TaxonomyVersion();

    [GeneratedRegex(@"(?<!\d)(\d\.\d\d)(?!\d)")]
    private static partial Regex LoincVersion();

    [GeneratedRegex(@"(?<!\d)([01]\d)([0-3]\d)(20\d\d)(?!\d)")]
    private static partial Regex MonthDayYear();

    [GeneratedRegex(@"_(INT|US1000124|[A-Z]+\d*)_(\d{8})")]
    private static partial Regex SnomedName();

    [GeneratedRegex(@"v(\d\d)([0-3])r\d")]
    private static partial Regex PairsVersion();

    [GeneratedRegex(@"-(f\d)(?!\d)")]
    private static partial Regex PairsPart();

    [GeneratedRegex(@"Eff_(\d\d-\d\d-20\d\d)")]
    private static partial Regex MueDate();

    [GeneratedRegex(@"(20\d\d)Q([1-4])", RegexOptions.IgnoreCase)]
    private static partial Regex Quarter();

    [GeneratedRegex(@"(?<!\d)20\d\d-?[01]\d-?[0-3]\d(?!\d)")]
    private static partial Regex AnyDate();
}

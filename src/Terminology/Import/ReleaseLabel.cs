using System.Globalization;
using System.Text.RegularExpressions;
using FhirEmr.Terminology.Index;

namespace FhirEmr.Terminology.Import;

/// <summary>Which edition a file is: read from its name, corrected by the options.</summary>
internal sealed partial record ReleaseLabel(
    string Id, string System, string Part, string Version, EditionContent Content, DateOnly From, DateOnly? To)
{
    private static readonly string[] Months = ["jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"];

    /// <summary>The label, or the sentence that tells the operator what is missing.</summary>
    public static (ReleaseLabel? Label, string Problem) For(ReleaseKind kind, string path, ImportOptions options)
    {
        var (label, problem) = kind switch
        {
            ReleaseKind.Icd10Cm => Icd10Cm(Dated(options, path)),
            ReleaseKind.Hcpcs => Hcpcs(Dated(options, path)),
            ReleaseKind.Cpt or ReleaseKind.CptModifiers => Cpt(kind, Dated(options, path), Path.GetFileName(path)),
            _ => OtherLabels.For(kind, path, options, Dated(options, path)),
        };
        if (label is null)
            return (null, problem);

        label = label with { From = options.EffectiveFrom ?? label.From, To = options.EffectiveTo ?? label.To };
        return label.To < label.From ? (null, $"The release would end ({label.To:O}) before it begins ({label.From:O}).") : (label, "");
    }

    private static (ReleaseLabel?, string) Icd10Cm((int Year, int? Month) version) => version switch
    {
        (0, _) => (null, "The fiscal year is in neither the file name (icd10cm-order-2026.txt) nor the options; give the version, e.g. 2026."),
        // The April update holds the whole set again and takes over for the second half of the fiscal year.
        (var year, 4) => (new($"icd10cm-{year}-04", CodeSystemUrls.Icd10Cm, "codes", $"{year}-04", EditionContent.Codes, new(year, 4, 1), new(year, 9, 30)), ""),
        var (year, _) => (new($"icd10cm-{year}", CodeSystemUrls.Icd10Cm, "codes", $"{year}", EditionContent.Codes, new(year - 1, 10, 1), new(year, 9, 30)), ""),
    };

    private static (ReleaseLabel?, string) Hcpcs((int Year, int? Month) version)
    {
        if (version is not ( > 0, { } month))
            return (null, "The quarter is in neither the file name (HCPC2025_OCT_ANWEB.txt) nor the options; give the version, e.g. 2025-10.");

        // Quarterly: January, April, July, October; each file is the whole set again.
        var from = new DateOnly(version.Year, month, 1);
        return (new($"hcpcs-{version.Year}-{month:00}", CodeSystemUrls.Hcpcs, "codes", $"{version.Year}-{month:00}",
            EditionContent.Codes | EditionContent.Modifiers, from, from.AddMonths(3).AddDays(-1)), "");
    }

    private static (ReleaseLabel?, string) Cpt(ReleaseKind kind, (int Year, int? Month) version, string fileName)
    {
        if (version.Year == 0)
            return (null, "CPT files carry no year; give the version, e.g. 2026.");

        var (part, content) = kind is ReleaseKind.CptModifiers ? ("modifiers", EditionContent.Modifiers)
            : fileName.Contains("MED", StringComparison.OrdinalIgnoreCase) ? ("medium", EditionContent.Codes)
            : fileName.Contains("SHORT", StringComparison.OrdinalIgnoreCase) ? ("short", EditionContent.Codes)
            : ("long", EditionContent.Codes);
        return (new($"cpt-{version.Year}-{part}", CodeSystemUrls.Cpt, part, $"{version.Year}", content, new(version.Year, 1, 1), new(version.Year, 12, 31)), "");
    }

    /// <summary>Year and month from the option, else the file name, else (CPT comes as <c>CPT 2026/LONGULT.txt</c>) the folder name.</summary>
    private static (int Year, int? Month) Dated(ImportOptions options, string path)
    {
        var places = options.Version is { } given ? [given] : new[] { Path.GetFileName(path), Path.GetFileName(Path.GetDirectoryName(Path.GetFullPath(path))) ?? "" };
        foreach (var place in places)
        {
            if (YearPattern().Match(place) is not { Success: true } year)
                continue;

            var rest = place[(year.Index + 4)..];
            var name = MonthPattern().Match(place);
            var number = MonthNumberPattern().Match(rest);
            return (int.Parse(year.Value, CultureInfo.InvariantCulture),
                name.Success ? Array.IndexOf(Months, name.Groups[1].Value.ToLowerInvariant()) + 1
                : number.Success ? int.Parse(number.Groups[1].Value, CultureInfo.InvariantCulture) : null);
        }

        return (0, null);
    }

    [GeneratedRegex(@"(?<!\d)20\d\d(?!\d)")]
    private static partial Regex YearPattern();

    [GeneratedRegex("(?<![a-z])(jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec)", RegexOptions.IgnoreCase)]
    private static partial Regex MonthPattern();

    [GeneratedRegex(@"^-(0[1-9]|1[0-2])(?!\d)")]
    private static partial Regex MonthNumberPattern();
}

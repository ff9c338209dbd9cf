using System.Globalization;
using FhirEmr.BillingBridge.Charges;

namespace FhirEmr.BillingBridge.RiskAdjustment;

/// <summary>The CMS-HCC tables of one payment year (billing spec 5.1). None are shipped: they are read from a folder the practice names.</summary>
/// <remarks>
/// Files: <c>ra_dx_to_cc_{year}.csv</c>, <c>ra_hierarchies_{year}.csv</c>, <c>ra_coefficients_{year}.csv</c>,
/// <c>ra_eligible_cpt_hcpcs_{year}.csv</c>, <c>ra_dx_edits.csv</c>, <c>hcc_is_chronic.csv</c>, and <c>ra_labels_*.csv</c>, the last of which may be absent.
/// </remarks>
public sealed class HccTables
{
    private const string Domain = "CMS-HCC";

    private readonly Dictionary<RiskModel, ModelTables> models = [];
    private readonly HashSet<string> eligible;

    private HccTables(int paymentYear, IEnumerable<string> eligible)
    {
        PaymentYear = paymentYear;
        this.eligible = new(eligible, StringComparer.OrdinalIgnoreCase);
    }

    public int PaymentYear { get; }

    /// <summary>Services count that were given in the year before the payment year.</summary>
    public int ServiceYear => PaymentYear - 1;

    /// <summary>Reads the tables of one payment year.</summary>
    /// <exception cref="HccTablesException">A file is missing or malformed; the message names it.</exception>
    public static HccTables Read(string folder, int paymentYear)
    {
        if (!Directory.Exists(folder))
            throw new HccTablesException($"There is no folder {folder} with CMS-HCC tables.");

        var tables = new HccTables(paymentYear, HccTable.Read(OfYear("ra_eligible_cpt_hcpcs"), "cpt_hcpcs_code").Select(r => r[0]));
        foreach (var model in Enum.GetValues<RiskModel>())
            tables.models[model] = new ModelTables();

        foreach (var row in HccTable.Read(OfYear("ra_dx_to_cc"), "diagnosis_code", "cc", "model_name"))
            if (tables.Model(row[2], "CMS-HCC Model ") is { } model)
                Add(model.Categories, ChargeDiagnosis.Plain(row[0]), Number(row[1], "ra_dx_to_cc", "cc"));
        foreach (var row in HccTable.Read(OfYear("ra_hierarchies"), "cc_parent", "cc_child", "model_domain", "model_version"))
            if (row[2] == Domain && tables.Model(row[3], "") is { } model)
                Add(model.Children, Number(row[0], "ra_hierarchies", "cc_parent"), Number(row[1], "ra_hierarchies", "cc_child"));
        foreach (var row in HccTable.Read(OfYear("ra_coefficients"), "coefficient", "value", "model_domain", "model_version"))
            if (row[2] == Domain && row[3].StartsWith('C') && tables.Model("V" + row[3][1..], "") is { } model)
                model.Coefficients[row[0]] = decimal.TryParse(row[1], NumberStyles.Float, CultureInfo.InvariantCulture, out var value)
                    ? value
                    : throw new HccTablesException($"ra_coefficients: {row[0]} has the value '{row[1]}', which is no number.");
        foreach (var row in HccTable.Read(Path.Combine(folder, "ra_dx_edits.csv"), "icd10", "sex", "age_min", "age_max", "action", "cc_override", "model_name"))
            if (tables.Model(row[6], "CMS-HCC Model ") is { } model)
                Add(model.Edits, ChargeDiagnosis.Plain(row[0]), EditOf(row));
        foreach (var row in HccTable.Read(Path.Combine(folder, "hcc_is_chronic.csv"), "hcc", "is_chronic", "model_version", "model_domain"))
            if (row[1] == "Y" && row[3] == Domain && HccNumber(row[0]) is { } hcc && tables.Model(row[2], "") is { } model)
                model.Chronic.Add(hcc);
        foreach (var file in Directory.EnumerateFiles(folder, "ra_labels_*.csv").Order(StringComparer.Ordinal))
            foreach (var row in HccTable.Read(file, "cc", "label", "model_domain", "model_version"))
                if (row[2] == Domain && HccNumber(row[0]) is { } hcc && tables.Model(row[3], "") is { } model)
                    model.Labels[hcc] = row[1];

        foreach (var (name, model) in tables.models)
            if (model.Categories.Count == 0 != (model.Coefficients.Count == 0))
                throw new HccTablesException($"The tables of {paymentYear} have {(model.Categories.Count == 0 ? "coefficients but no diagnoses" : "diagnoses but no coefficients")} for {name}.");
        return tables;

        string OfYear(string name) => Path.Combine(folder, $"{name}_{paymentYear.ToString(CultureInfo.InvariantCulture)}.csv");
    }

    /// <summary>Whether the tables of the year hold this model.</summary>
    public bool Has(RiskModel model) => models[model].Coefficients.Count > 0;

    /// <summary>A CPT or HCPCS code that makes a professional or outpatient claim count.</summary>
    public bool IsEligible(string procedure) => eligible.Contains(procedure.Trim());

    /// <summary>The condition categories of a diagnosis before any edit; empty when it has none.</summary>
    public IReadOnlyList<int> CategoriesOf(RiskModel model, string diagnosis) => models[model].Categories.GetValueOrDefault(ChargeDiagnosis.Plain(diagnosis)) ?? [];

    /// <summary>What a parent condition category makes unnecessary.</summary>
    public IReadOnlyList<int> ChildrenOf(RiskModel model, int hcc) => models[model].Children.GetValueOrDefault(hcc) ?? [];

    /// <summary>The coefficient of a variable in a segment; null when the segment has none of that name. Case does not matter.</summary>
    public decimal? Coefficient(RiskModel model, string segment, string variable) =>
        models[model].Coefficients.TryGetValue($"{segment}_{variable}", out var value) ? value : null;

    public bool IsChronic(RiskModel model, int hcc) => models[model].Chronic.Contains(hcc);

    /// <summary>CMS's words for a condition category; null when no labels were loaded.</summary>
    public string? LabelOf(RiskModel model, int hcc) => models[model].Labels.GetValueOrDefault(hcc);

    /// <summary>The diagnoses whose condition category is chronic, without dots.</summary>
    public IEnumerable<string> ChronicDiagnoses(RiskModel model) =>
        models[model].Categories.Where(d => d.Value.Exists(models[model].Chronic.Contains)).Select(d => d.Key);

    internal IReadOnlyList<DiagnosisEdit> EditsOf(RiskModel model, string diagnosis) => models[model].Edits.GetValueOrDefault(ChargeDiagnosis.Plain(diagnosis)) ?? [];

    private ModelTables? Model(string name, string prefix) =>
        name.StartsWith(prefix, StringComparison.Ordinal) && Enum.TryParse<RiskModel>(name[prefix.Length..], out var model) && Enum.IsDefined(model) ? models[model] : null;

    private static DiagnosisEdit EditOf(string[] row)
    {
        var overrides = row[4] == "override";
        if (!overrides && row[4] != "invalid")
            throw new HccTablesException($"ra_dx_edits: {row[0]} has the action '{row[4]}'; known are invalid and override.");
        return new(ChargeDiagnosis.Plain(row[0]), Optional(row[1], "sex"), Optional(row[2], "age_min"), Optional(row[3], "age_max"), overrides ? Number(row[5], "ra_dx_edits", "cc_override") : null);
    }

    private static int? Optional(string text, string column) => text.Length == 0 ? null : Number(text, "ra_dx_edits", column);

    private static int Number(string text, string file, string column) => int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var number)
        ? number
        : throw new HccTablesException($"{file}: '{text}' in {column} is no number.");

    /// <summary><c>HCC18</c> → 18; null for other rows, e.g. payment groups of other programs.</summary>
    private static int? HccNumber(string text) =>
        text.StartsWith("HCC", StringComparison.OrdinalIgnoreCase) && int.TryParse(text.AsSpan(3), NumberStyles.None, CultureInfo.InvariantCulture, out var n) ? n : null;

    private static void Add<TKey, TValue>(Dictionary<TKey, List<TValue>> table, TKey key, TValue value)
        where TKey : notnull
    {
        if (!table.TryGetValue(key, out var list))
            table[key] = list = [];
        if (!list.Contains(value))
            list.Add(value);
    }

    private sealed class ModelTables
    {
        public Dictionary<string, List<int>> Categories { get; } = new(StringComparer.Ordinal);

        public Dictionary<int, List<int>> Children { get; } = [];

        public Dictionary<string, decimal> Coefficients { get; } = new(StringComparer.OrdinalIgnoreCase);

        public Dictionary<string, List<DiagnosisEdit>> Edits { get; } = new(StringComparer.Ordinal);

        public HashSet<int> Chronic { get; } = [];

        public Dictionary<int, string> Labels { get; } = [];
    }
}

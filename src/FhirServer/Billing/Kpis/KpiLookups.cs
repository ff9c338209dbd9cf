using System.Globalization;
using System.Text.RegularExpressions;
using FhirEmr.BillingBridge.Charges;
using FhirEmr.BillingBridge.Kpis;
using FhirEmr.BillingBridge.RiskAdjustment;
using FhirEmr.Terminology;

namespace FhirEmr.FhirServer.Billing.Kpis;

/// <summary>What the KPIs look up beside the records: the imported fee schedule, the practice's contracts, and the newest CMS-HCC tables of the practice's folder.</summary>
internal static partial class KpiLookups
{
    /// <param name="riskTablesFolder">Empty: no condition counts as chronic.</param>
    /// <exception cref="HccTablesException">The folder is not there, or has no readable tables.</exception>
    public static KpiTables Of(TerminologyService terminology, ContractRates contracts, string riskTablesFolder)
    {
        var tables = new KpiTables
        {
            Fee = (code, modifier, on) => terminology.Fees.Fee(code, modifier, on),
            ContractAllowed = (claim, line) => ContractAllowed(contracts, claim, line),
        };
        return riskTablesFolder.Length == 0 ? tables : tables with { ChronicHccs = Chronic(HccTables.Read(riskTablesFolder, NewestYear(riskTablesFolder))) };
    }

    private static long? ContractAllowed(ContractRates contracts, ClaimHeader claim, LineFacts line) =>
        claim.PayerId is { } payer && line.Day is { } day
        && contracts.AllowedUsd(payer, line.Code, line.Modifiers, day, line.Place, line.Units > 0 ? line.Units : 1m, line.ChargeCents / 100m) is { } usd
            ? (long)(usd * 100m)
            : null;

    /// <summary>One edition for all years: a condition is due again by the numbers of today's model, not by those it once had.</summary>
    private static Func<string, DateOnly, IReadOnlyList<int>> Chronic(HccTables tables)
    {
        var model = tables.Has(RiskModel.V28) ? RiskModel.V28 : RiskModel.V24;
        return (diagnosis, _) => [.. tables.CategoriesOf(model, diagnosis).Where(hcc => tables.IsChronic(model, hcc))];
    }

    private static int NewestYear(string folder) => Directory.Exists(folder)
        ? Directory.EnumerateFiles(folder, "ra_dx_to_cc_*.csv").Select(f => TableYear().Match(f)).Where(m => m.Success)
            .Select(m => int.Parse(m.Groups[1].Value, CultureInfo.InvariantCulture)).DefaultIfEmpty(0).Max()
        : 0; // reading says what is missing

    [GeneratedRegex(@"ra_dx_to_cc_(\d{4})\.csv$")]
    private static partial Regex TableYear();
}

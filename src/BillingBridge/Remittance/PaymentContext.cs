using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using FhirEmr.BillingBridge.Claims;
using FhirEmr.BillingBridge.Ports;
using FhirEmr.BillingBridge.X12.Segments;
using FhirEmr.BillingBridge.X12.Syntax;
using FhirEmr.BillingBridge.X12.Transactions;
using Hl7.Fhir.Model;

namespace FhirEmr.BillingBridge.Remittance;

/// <summary>What every resource of one payment shares.</summary>
internal sealed record PaymentContext(string Sender, Remittance835Item.Payment Payment)
{
    public string PayerId => Payment.PayerId ?? "unknown";

    /// <summary>The payment in words: payer and trace number.</summary>
    public string Name => $"{Payment.Payer?.Name ?? PayerId} {TraceNumber}".Trim();

    public string TraceNumber => Payment.Trn?.Number ?? "";

    public Identifier Trace => new(BillingUrls.PaymentTrace(Payment.Trn?.Originator ?? "unknown"), TraceNumber);

    /// <summary>BPR16, else the production date.</summary>
    public DateOnly? PaidOn => X12Text.TryDate(Payment.Bpr?.Date ?? "", out var paid) ? paid : Payment.ProductionDate;

    /// <summary>The same as a FHIR date.</summary>
    public string? PaymentDate => PaidOn is { } paid ? Text(paid) : null;

    /// <summary>DTM*405, else the payment date.</summary>
    public string? Created => Payment.ProductionDate is { } made ? Text(made) : PaymentDate;

    /// <summary>How often the same payment was taken back before; posted again, it is another one.</summary>
    public int TakenBack { get; init; }

    /// <summary>The key it was posted under, where that is known; otherwise it follows from what the payment says.</summary>
    public string? PostedAs { get; init; }

    /// <summary>Sender, trace, payer, date and amount: the same five are the same payment (billing spec 1.5).</summary>
    public string FileKey => PostedAs ?? (TakenBack == 0 ? FirstKey : BillingKey.Of("835-again", FirstKey, TakenBack.ToString(CultureInfo.InvariantCulture)));

    private string FirstKey => BillingKey.Of(
        "835", Sender, TraceNumber, Payment.Trn?.Originator, Payment.Bpr?.Date, X12Text.Amount(Payment.PaidUsd));

    public ResourceReference Insurer(Claim claim) => claim.Insurer ?? new ResourceReference
    {
        Identifier = new Identifier(BillingUrls.PayerId, PayerId),
        Display = Payment.Payer?.Name,
    };

    private static string Text(DateOnly day) => day.ToString("yyyy-MM-dd", CultureInfo.InvariantCulture);
}

/// <summary>The keys of one CLP.</summary>
/// <param name="Claim">The file key and the ordinal of the CLP.</param>
/// <param name="Content">Equal for a CLP that says the same in another file.</param>
internal sealed record RemittanceKeys(string Claim, string Content)
{
    public static RemittanceKeys Of(PaymentContext payment, Remittance835Item.Claim remittance)
    {
        var clp = remittance.Clp;
        var dates = remittance.Details.OfType<Dtm>().Concat(remittance.Lines.SelectMany(l => l.Details.OfType<Dtm>()))
            .Where(d => d.Qualifier is "232" or "233" or "472" or "150" or "151")
            .Select(d => $"{d.Qualifier}:{d.Date}");
        var content = string.Join(
            '\n', [clp.ControlNumber, clp.PayerControlNumber ?? "", clp.Status, X12Text.Amount(clp.ChargeUsd), X12Text.Amount(clp.PaidUsd), .. dates]);
        return new RemittanceKeys(
            BillingKey.Of("clp", payment.FileKey, remittance.Ordinal.ToString(CultureInfo.InvariantCulture)),
            "clp-content/" + Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(content))));
    }
}

using FhirEmr.BillingBridge.X12;
using FhirEmr.BillingBridge.X12.Envelope;
using FhirEmr.BillingBridge.X12.Syntax;
using FhirEmr.BillingBridge.X12.Transactions;

namespace FhirEmr.BillingBridge.Remittance;

/// <summary>What the first reading of an 835 file tells: each payment with its verdict, before anything is posted.</summary>
/// <param name="IsWhole">False when the envelope is broken: then nobody knows what is missing, and nothing is posted.</param>
internal sealed record RemittanceSurvey(IReadOnlyList<SurveyedPayment> Payments, IReadOnlyList<X12Finding> Findings, bool IsWhole)
{
    public static async Task<RemittanceSurvey> ReadAsync(Stream x12, CancellationToken ct)
    {
        var envelope = new EnvelopeReader(x12, new X12Findings());
        var payments = new List<SurveyedPayment>();
        PaymentContext? open = null;
        var reversed = new HashSet<string>();
        var claims = 0;
        await foreach (var item in Remittance835Reader.ReadAsync(envelope, ct))
        {
            switch (item)
            {
                case Remittance835Item.Payment payment:
                    open = new PaymentContext(envelope.Interchange?.SenderId ?? "", payment);
                    (reversed, claims) = ([], 0);
                    break;
                case Remittance835Item.Claim claim:
                    claims++;
                    if (claim.IsReversal)
                        reversed.Add(claim.Clp.ControlNumber);
                    break;
                case Remittance835Item.End end when open is not null:
                    payments.Add(new SurveyedPayment(open, claims, reversed, end.IsRefused));
                    open = null;
                    break;
                default:
                    break;
            }
        }

        if (open is not null)
            payments.Add(new SurveyedPayment(open, claims, reversed, IsRefused: true));
        var items = envelope.Findings.Items;
        return new RemittanceSurvey(payments, items, !items.Any(f => f.RefusesEnvelope));
    }
}

/// <summary>One transaction set of the file.</summary>
/// <param name="Reversed">CLP01 of its reversals: these claims are posted last and together.</param>
internal sealed record SurveyedPayment(PaymentContext Context, int Claims, IReadOnlySet<string> Reversed, bool IsRefused);

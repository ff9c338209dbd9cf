namespace FhirEmr.BillingBridge.Kpis;

/// <summary>A payer's answer to a claim (CLP), from its ClaimResponse.</summary>
/// <param name="Id">Id of the ClaimResponse.</param>
/// <param name="PaidOn">Payment date; the day it was created where there is none.</param>
/// <param name="Trace">TRN02 of the payment: answers of one file belong together.</param>
/// <param name="Status">CLP02.</param>
public sealed record AnswerFacts(string Id, DateTimeOffset At, DateOnly PaidOn, string? Trace, string Status, long ChargeCents, long PaidCents, IReadOnlyList<AnswerLine> Lines)
{
    /// <summary>CLP02 22.</summary>
    public bool IsReversal => Status == "22";

    /// <summary>It decides something: neither forwarded (23) nor a predetermination (25).</summary>
    public bool IsAdjudication => Status is not ("23" or "25");
}

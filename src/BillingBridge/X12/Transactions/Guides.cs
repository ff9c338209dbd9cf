using FhirEmr.BillingBridge.X12.Envelope;

namespace FhirEmr.BillingBridge.X12.Transactions;

/// <summary>The implementation guides we speak, as GS08 and ST03 name them.</summary>
internal static class Guides
{
    public const string Claim837P = "005010X222A1";
    public const string Remittance835 = "005010X221A1";
    public const string Acknowledgement999 = "005010X231A1";
    public const string ClaimAck277 = "005010X214";
    public const string Eligibility = "005010X279A1"; // 270 and 271
    public const string ClaimStatus = "005010X212"; // 276 and 277

    public const string Review = "005010X217"; // 278 request and response
    public const string ReviewInquiry = "005010X215"; // 278 inquiry and response

    /// <summary>Whether the set just begun is the given transaction in the given guide; a refusal names GS08 otherwise.</summary>
    public static bool Check(EnvelopeReader envelope, string setId, string guide)
    {
        if (envelope.Set is not { } set || envelope.SetSegment is not { } segment)
            return false;

        if (set.SetId != setId)
        {
            envelope.Findings.Refuse("IK5-1", $"ST01 is {set.SetId}; a {setId} is expected here.", segment.At(1));
            return false;
        }

        if (envelope.Group?.Guide == guide)
            return true;
        envelope.Findings.Refuse("AK9-2", $"GS08 is {envelope.Group?.Guide}; this reader takes {guide}.", envelope.GroupSegment?.At(8));
        return false;
    }
}

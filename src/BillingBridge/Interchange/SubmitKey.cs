using System.Buffers;
using System.Security.Cryptography;
using FhirEmr.BillingBridge.Claims;
using FhirEmr.BillingBridge.X12.Segments;
using FhirEmr.BillingBridge.X12.Syntax;
using FhirEmr.BillingBridge.X12.Transactions;
using Hl7.Fhir.Model;

namespace FhirEmr.BillingBridge.Interchange;

/// <summary>What makes two submissions the same: the CLM loop without its transmission trace (billing spec 1.5).</summary>
internal static class SubmitKey
{
    private const string Prefix = "submit/";

    public static string Of(ClaimLoop claim)
    {
        var output = new ArrayBufferWriter<byte>(1024);
        var untraced = claim with { Details = [.. claim.Details.Where(d => d is not Ref { Qualifier: "D9" })] };
        Claim837PWriter.WriteBody(untraced, new SegmentWriter(output, new X12Findings()));
        return Prefix + Convert.ToHexStringLower(SHA256.HashData(output.WrittenSpan));
    }

    /// <summary>The payer never took the claim: the same may be sent again once the cause is mended.</summary>
    public static void Release(Claim claim) => claim.Identifier.RemoveAll(
        i => i.System == BillingUrls.IdempotencyKey && i.Value?.StartsWith(Prefix, StringComparison.Ordinal) == true);
}
